from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from relip import sample
from relip_job import ResyncJob
from relip_models import Store
from relip_models.graph import read_graph
from relip_plugin.cache.asked import as_it_is
from tests.networks_made import write_doubling


def test_another_network_of_the_users_own_is_another_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    footage = ResyncJob(str(sample.picture()), str(sample.line()))
    neural = replace(footage, engine="wav2lip")
    keys: list[tuple[str, str]] = []

    for first in ("n", 1, 2, 1):
        keys.append((as_it_is(footage, "e").key, as_it_is(neural, "e").key))
        path = write_doubling(tmp_path / "net.onnx", first)
        Store().keep("wav2lip", "generator", read_graph(path), "own", str(path))

    drawn_from_the_clip, drawn_by_networks = zip(*keys, strict=True)
    assert len(set(drawn_from_the_clip)) == 1
    assert len(set(drawn_by_networks)) == 4
