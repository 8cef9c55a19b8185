"""The way a user takes from a file that he has to a result, word by word."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from relip import sample
from relip_plugin.cli import main

pytest.importorskip("onnx", reason="makes the networks of these tests")

from tests.core.relip.engines.models_made import WHOLE

Capture = pytest.CaptureFixture[str]
TABLE = "picture;in;out;speech\ntake.mp4;1s;1.6s;line.wav\ntake.mp4;3s;3.6s;line.wav\n"


@dataclass(frozen=True)
class User:
    """Somebody with a take, a line, a table and the files of a model."""

    folder: Path
    engine: str
    files: dict[str, Path]

    @property
    def sync(self) -> list[str]:
        """Half a second of the take."""
        take, line = (str(self.folder / name) for name in ("take.mp4", "line.wav"))
        words = ["sync", take, "--speech", line, "--engine", self.engine, "--provider", "cpu"]
        return [*words, "--codec", "ffv1", "--cut", "1s-1.6s", "-o", str(self.folder / "made.mkv")]

    @property
    def batch(self) -> list[str]:
        """The table."""
        words = ["batch", str(self.folder / "lines.csv"), "--engine", self.engine, "--workers", "1"]
        return [*words, "--provider", "cpu", "--codec", "ffv1", "--handles", "0"]


@pytest.fixture(params=WHOLE)
def user(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("RELIP_CACHE", str(tmp_path / "cache"))
    (tmp_path / "take.mp4").write_bytes(sample.picture().read_bytes())
    (tmp_path / "line.wav").write_bytes(sample.line().read_bytes())
    (tmp_path / "lines.csv").write_text(TABLE, "utf-8")
    return User(tmp_path, request.param, dict(WHOLE[request.param](tmp_path, 1)))


def test_a_network_is_added_draws_and_is_gone_again(user: User, capsys: Capture) -> None:
    for path in user.files.values():
        assert main(["models", "add", user.engine, str(path)]) == 0
    told = capsys.readouterr().out
    assert f"{user.engine} is ready: relip sync … --engine {user.engine}" in told
    assert "its licence: " in told
    assert main(["models"]) == 0
    assert f"installed, checksum ok, used by --engine {user.engine}" in capsys.readouterr().out

    assert main(user.sync) == 0
    page = json.loads((user.folder / "made.mkv.relip.json").read_text("utf-8"))
    sums = {
        part: hashlib.sha256(path.read_bytes()).hexdigest() for part, path in user.files.items()
    }
    assert page["plan"]["sha256"] == sums
    assert page["plan"]["model"] == page["job"]["engine"] == user.engine
    assert page["plan"]["provider"] == "cpu"
    assert all(path.name in page["plan"]["network"] for path in user.files.values())
    assert page["written"]["changed"] == page["plan"]["drawn"] == 15

    capsys.readouterr()
    assert main(user.batch) == 0
    assert "2 made" in capsys.readouterr().out
    assert len(list((user.folder / "lines_relip").glob("*.mkv"))) == 2

    assert main(["models", "remove", user.engine]) == 0
    capsys.readouterr()
    (user.folder / "made.mkv").unlink()
    assert main(user.sync) == 2
    told = capsys.readouterr().err
    assert f"the engine {user.engine} draws with networks that relip does not ship" in told
    assert f"relip models add {user.engine} FILE" in told
    assert not (user.folder / "made.mkv").exists()
    assert main(user.batch) == 2
    told = capsys.readouterr().err
    assert f"the engine {user.engine} draws with networks that relip does not ship" in told
