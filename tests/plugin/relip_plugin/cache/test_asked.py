from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from relip import sample
from relip_job import Finished, ResyncJob
from relip_job.errors import ModelError
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


def test_networks_that_are_replaced_meanwhile_leave_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    made = tmp_path / "out.mov"
    made.write_bytes(b"drawn")
    done = Finished(str(made), f"{made}.relip.json", 25, 20)
    asked = as_it_is(ResyncJob(str(sample.picture()), str(sample.line()), engine="wav2lip"), "e")
    assert asked.believed(done, (), 1.0).frames == 25

    path = write_doubling(tmp_path / "net.onnx", 1)
    Store().keep("wav2lip", "generator", read_graph(path), "own", str(path))

    with pytest.raises(ModelError, match="networks of the engine wav2lip were replaced"):
        asked.believed(done, (), 1.0)
