from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from onnx import helper

from relip.onnx.installed import weights
from relip_job.errors import ModelError
from relip_models import FURTHER, Store, further
from relip_models.further import Source
from relip_plugin.cli import main
from relip_plugin.models import adding
from relip_plugin.models.download import Fetched
from tests.networks_made import write_network

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return Store()


def write_wav2lip(path: Path, names: str = "mel_spectrogram video_frames predicted_frames",
                  side: int = 96, value: float = 0.5) -> Path:  # fmt: skip
    """What it draws is the reference, a little darker; the sound is of no account."""
    mel, faces, drawn = names.split()
    nodes = [
        helper.make_node("Slice", [faces, "three", "six", "channels"], ["reference"]),
        helper.make_node("ReduceMean", [mel], ["mean"], axes=[1, 2, 3], keepdims=1),
        helper.make_node("Mul", ["mean", "nothing"], ["silent"]),
        helper.make_node("Mul", ["reference", "share"], ["darker"]),
        helper.make_node("Add", ["darker", "silent"], [drawn]),
    ]
    numbers = {"three": [3], "six": [6], "channels": [1]}
    constants = {name: np.array(number, "i8") for name, number in numbers.items()}
    constants |= {"nothing": np.array(0, "f4"), "share": np.array(value, "f4")}
    inputs = {mel: ("n", 1, 80, 16), faces: ("n", 6, side, side)}
    return write_network(path, inputs, {drawn: ("n", 3, side, side)}, nodes, constants)


@pytest.mark.parametrize(
    ("names", "side"),
    [
        ("mel_spectrogram video_frames predicted_frames", 96),
        ("mel_spectrogram video_frames predicted_frames", 256),
        ("source target output", 96),
    ],
)
def test_a_network_with_a_published_signature_is_added(
    store: Store, tmp_path: Path, capsys: Capture, names: str, side: int
) -> None:
    path = write_wav2lip(tmp_path / "mine.onnx", names, side)

    assert main(["models", "add", "wav2lip", str(path)]) == 0

    told = capsys.readouterr().out
    assert f"generator added, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}" in told
    assert "--engine wav2lip" in told
    assert "may not be sold" in told
    path.unlink()  # relip has a copy
    inside = weights("wav2lip")["generator"]
    assert inside.is_relative_to(store.folder)
    assert store.identity("wav2lip").startswith("wav2lip generator:")


def test_a_network_whose_sides_are_open_is_tried_with_faces_of_96(
    store: Store, tmp_path: Path
) -> None:
    inputs: dict[str, tuple[int | str, ...]] = {
        "source": ("n", 1, 80, 16),
        "target": ("n", 6, "h", "w"),
    }
    nodes = [
        helper.make_node("Slice", ["target", "three", "six", "channels"], ["faces"]),
        helper.make_node("Reshape", ["faces", "published"], ["output"]),
    ]
    numbers = {"three": [3], "six": [6], "channels": [1], "published": [-1, 3, 96, 96]}
    constants = {name: np.array(number, "i8") for name, number in numbers.items()}
    path = write_network(
        tmp_path / "open.onnx", inputs, {"output": ("n", 3, 96, 96)}, nodes, constants
    )

    assert main(["models", "add", "wav2lip", str(path)]) == 0

    assert store.find("wav2lip") is not None


@pytest.mark.parametrize(
    ("name", "made", "why"),
    [
        ("other.onnx", lambda path: write_wav2lip(path, side=128), "is no part of wav2lip"),
        ("other.onnx", lambda path: path.write_bytes(b"<html>not here</html>"), "no ONNX file"),
        ("other.onnx", lambda path: path.write_bytes(b""), "no ONNX file: it is empty"),
        ("wav2lip.pth", lambda path: path.write_bytes(b"any"), "may hold any program"),
        ("other.onnx", lambda path: write_wav2lip(path, value=float("nan")), "no numbers"),
        ("none.onnx", lambda path: None, "there is no file"),
    ],
)
def test_what_is_no_network_of_this_model_is_refused(
    store: Store, tmp_path: Path, capsys: Capture, name: str, made: object, why: str
) -> None:
    path = tmp_path / name
    made(path)  # type: ignore[operator]  # one of the lines above

    assert main(["models", "add", "wav2lip", str(path)]) == 2

    told = capsys.readouterr().err
    assert why in told
    assert "what to do: " in told
    assert store.find("wav2lip") is None


def test_a_network_without_its_weights_is_refused(tmp_path: Path, capsys: Capture) -> None:
    shape = (1, 4, 32, 32)
    node = helper.make_node("Conv", ["latents", "w"], ["x"])
    path = write_network(
        tmp_path / "vae.onnx",
        {"latents": shape},
        {"x": shape},
        [node],
        {"w": np.zeros((4, 4, 1, 1), "f4")},
        beside="vae.data",
    )
    (tmp_path / "vae.data").unlink()

    assert main(["models", "add", "musetalk", str(path)]) == 2

    assert "keeps weights in vae.data" in capsys.readouterr().err


def test_a_model_is_removed(store: Store, tmp_path: Path, capsys: Capture) -> None:
    path = write_wav2lip(tmp_path / "mine.onnx")
    main(["models", "add", "wav2lip", str(path)])

    assert main(["models", "remove", "wav2lip"]) == 0
    assert main(["models", "remove", "wav2lip"]) == 0

    assert "removed wav2lip\nwav2lip was not installed" in capsys.readouterr().out
    assert store.find("wav2lip") is None
    assert path.exists()


def test_the_table_says_what_there_is_and_whether_it_is_sound(
    store: Store, tmp_path: Path, capsys: Capture
) -> None:
    assert main(["models"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    for entry in FURTHER:
        assert entry.consequence in told
    assert "speech_voice" in told

    main(["models", "add", "wav2lip", str(write_wav2lip(tmp_path / "mine.onnx"))])
    capsys.readouterr()
    assert main(["models"]) == 0
    assert "installed, checksum ok, used by --engine wav2lip" in capsys.readouterr().out

    inside = weights("wav2lip")["generator"]
    write_wav2lip(inside, value=0.25)
    assert main(["models", "--json"]) == 1
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["wav2lip"]["checksum"] == "differs"
    assert rows["musetalk"]["installed"] == "no"
    assert rows["face_landmarks"] | {"checksum": "ok"} == rows["face_landmarks"]


def test_an_engine_without_its_networks_says_what_to_do(store: Store, tmp_path: Path) -> None:
    assert store.identity("wav2lip") == ""
    with pytest.raises(ModelError, match="does not ship") as failure:
        weights("wav2lip")
    assert "relip models add wav2lip FILE" in failure.value.remedy
    assert "non-commercial" in failure.value.remedy

    path = write_wav2lip(tmp_path / "mine.onnx")
    adding.add(store, further("wav2lip"), path)
    write_wav2lip(weights("wav2lip")["generator"], value=0.25)
    with pytest.raises(ModelError, match="is not the file that was added"):
        weights("wav2lip")


def test_nothing_is_fetched_before_its_licence_is_accepted(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "download", None)

    assert main(["models", "fetch", "wav2lip"]) == 2

    told = capsys.readouterr().err
    assert "may not be sold" in told
    assert "--accept-licence" in told


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is fetched instead of what an address names."""
    path = write_wav2lip(tmp_path / "published.onnx")

    def download(
        address: str, target: Path, size: int | None, sha256: str | None, schemes: object
    ) -> Iterator[tuple[int, int | None] | Fetched]:
        whole = path.read_bytes()
        found = hashlib.sha256(whole).hexdigest()
        yield len(whole), len(whole)
        if sha256 not in (None, found):
            raise ModelError(f"{address} is not the file that relip knows", "")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(whole)
        yield Fetched(target, found)

    monkeypatch.setattr(adding, "download", download)
    return path


def test_a_checksum_that_nobody_published_is_remembered(
    store: Store, published: Path, capsys: Capture
) -> None:
    assert main(["models", "fetch", "wav2lip_gan", "--accept-licence"]) == 0
    assert "remembered from now on" in capsys.readouterr().out
    assert main(["models", "remove", "wav2lip_gan"]) == 0

    write_wav2lip(published, value=0.25)
    assert main(["models", "fetch", "wav2lip_gan", "--accept-licence"]) == 2

    assert "is not the file that relip knows" in capsys.readouterr().err
    assert not list((store.folder / "downloads").iterdir())


def test_a_published_checksum_is_held_against_the_file(published: Path, capsys: Capture) -> None:
    assert main(["models", "fetch", "wav2lip", "--accept-licence"]) == 2

    assert "is not the file that relip knows" in capsys.readouterr().err


def test_what_is_there_and_sound_is_not_fetched_again(store: Store, published: Path) -> None:
    gan = further("wav2lip_gan")

    assert len([step for step in adding.fetch(store, gan) if hasattr(step, "sha256")]) == 1
    assert list(adding.fetch(store, gan)) == []


def test_what_is_there_but_not_drawn_with_is_told_of(
    published: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert main(["models", "fetch", "wav2lip_gan", "--accept-licence"]) == 0
    other = write_wav2lip(tmp_path / "other.onnx", value=0.25)
    assert main(["models", "add", "wav2lip", str(other)]) == 0
    assert "wav2lip is ready" in capsys.readouterr().out

    assert main(["models", "fetch", "wav2lip_gan", "--accept-licence"]) == 0

    told = capsys.readouterr().out
    assert "--engine wav2lip draws with wav2lip, which was added after it" in told
    assert "is ready" not in told


def test_an_address_that_gives_another_part_is_told_of(store: Store, published: Path) -> None:
    entry = further("wav2lip")
    part = replace(entry.parts[0], source=Source("https://a/b.onnx"))
    other = replace(part, name="other", signatures=())

    with pytest.raises(ModelError, match="is the generator of wav2lip, not its other"):
        list(adding.fetch(store, replace(entry, parts=(part, other))))
