"""Who may do lines, by what a machine tells of itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from relip.identity import engine_identity
from relip_models import Store
from relip_models.graph import read_graph
from relip_plugin.batch.farm_machines import Ask, objection
from relip_plugin.batch.farm_worker import about, networks, versions
from tests.networks_made import write_doubling


def test_a_machine_with_other_networks_may_not_draw_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    without = networks()
    path = write_doubling(tmp_path / "net.onnx", 1)
    Store().keep("wav2lip", "generator", read_graph(path), "own", str(path))
    told = asyncio.run(about({}, str(tmp_path)))
    footage = Ask({}, str(tmp_path), versions(), engine_identity(), {"footage": ""})
    same = replace(footage, networks={"wav2lip": networks()["wav2lip"]})
    other = replace(footage, networks={"wav2lip": without["wav2lip"]})

    assert (objection(told, footage), objection(told, same)) == ("", "")
    assert "other networks for the engine wav2lip" in objection(told, other)
