from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from relip_models import FURTHER, Further, Store
from relip_models.further import further
from relip_models.graph import read_graph
from relip_models.signature import Port, Signature
from tests.networks_made import write_doubling


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "models")


def files(store: Store) -> set[str]:
    return {
        path.relative_to(store.folder).as_posix()
        for path in store.folder.rglob("*")
        if path.is_file()
    }


def test_nothing_is_installed_in_the_beginning(store: Store) -> None:
    assert store.find("wav2lip") is None
    assert store.newest("wav2lip") is None
    assert not store.remove("wav2lip")
    assert not store.folder.exists()


def test_a_network_is_kept_with_the_weights_beside_it(store: Store, tmp_path: Path) -> None:
    path = write_doubling(tmp_path / "net.onnx", beside="net.weights")
    kept = store.keep("wav2lip", "generator", read_graph(path), "own", str(path))

    here = store.find("wav2lip")

    assert here is not None
    assert here.parts == (kept,)
    inside = here.path("generator")
    assert inside is not None
    assert inside.with_name("net.weights").read_bytes() == (tmp_path / "net.weights").read_bytes()
    assert here.path("other") is None
    assert here.sound(kept, thorough=True)
    assert store.newest("wav2lip") == here
    assert store.newest("musetalk") is None


def test_what_is_added_again_takes_the_place_of_the_old(store: Store, tmp_path: Path) -> None:
    for first in (1, "n", 1):
        path = write_doubling(tmp_path / "net.onnx", first)
        store.keep("wav2lip", "generator", read_graph(path), "own", str(path))

    assert len([name for name in files(store) if name.endswith(".onnx")]) == 1


def test_parts_are_added_one_by_one(store: Store, tmp_path: Path) -> None:
    for part in ("unet", "vae_decoder", "unet"):
        path = write_doubling(tmp_path / f"{part}.onnx")
        store.keep("musetalk", part, read_graph(path), "own", str(path))

    here = store.find("musetalk")

    assert here is not None
    assert sorted(kept.part for kept in here.parts) == ["unet", "vae_decoder"]


def test_the_model_added_last_is_drawn_with(store: Store, tmp_path: Path) -> None:
    graph = read_graph(write_doubling(tmp_path / "net.onnx"))
    for name in ("wav2lip_gan", "wav2lip", "wav2lip_gan"):
        store.keep(further(name).name, "generator", graph, "own", "net.onnx")

        newest = store.newest("wav2lip")
        assert newest is not None
        assert newest.name == name


def test_a_file_that_was_changed_is_noticed(store: Store, tmp_path: Path) -> None:
    path = write_doubling(tmp_path / "net.onnx", beside="net.weights")
    kept = store.keep("wav2lip", "generator", read_graph(path), "own", str(path))
    here = store.find("wav2lip")
    assert here is not None
    weights = here.folder / kept.file.replace("net.onnx", "net.weights")

    weights.write_bytes(np.full(3, 5, "f4").tobytes())

    assert not here.sound(kept)
    weights.unlink()
    assert not here.sound(kept)


def test_a_disk_that_is_full_leaves_what_was_there(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = write_doubling(tmp_path / "old.onnx", 1)
    kept = store.keep("wav2lip", "generator", read_graph(old), "own", str(old))
    before = files(store)
    new = read_graph(write_doubling(tmp_path / "new.onnx"))

    def full(source: Path, target: Path) -> None:
        target.write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OSError, match="No space"):
        store.keep("wav2lip", "generator", new, "own", "new.onnx")

    assert files(store) == before
    here = store.find("wav2lip")
    assert here is not None
    assert here.sound(kept, thorough=True)


def test_a_record_that_is_damaged_is_no_model(store: Store, tmp_path: Path) -> None:
    path = write_doubling(tmp_path / "net.onnx")
    store.keep("wav2lip", "generator", read_graph(path), "own", str(path))
    record = store.folder / "wav2lip" / "model.json"

    for damaged in ("", "[]", '{"parts": [1]}', json.dumps({"parts": [], "when": ""})):
        record.write_text(damaged, "utf-8")
        assert store.find("wav2lip") is None


def test_all_of_a_model_is_removed_and_nothing_else(store: Store, tmp_path: Path) -> None:
    path = write_doubling(tmp_path / "net.onnx")
    store.keep("wav2lip", "generator", read_graph(path), "own", str(path))
    store.keep("wav2lip_gan", "generator", read_graph(path), "own", str(path))

    assert store.remove("wav2lip")

    assert store.find("wav2lip") is None
    assert all(name.startswith("wav2lip_gan/") for name in files(store))
    assert path.exists()


def test_checksums_of_what_was_fetched_are_remembered(store: Store) -> None:
    assert store.trusted("https://a/net.onnx") is None
    store.trust("https://a/net.onnx", "aa")
    store.trust("https://b/net.onnx", "bb")

    assert store.trusted("https://a/net.onnx") == "aa"
    assert store.trusted("https://b/net.onnx") == "bb"


@pytest.mark.parametrize("entry", FURTHER, ids=lambda entry: str(entry.name))
def test_every_model_says_what_its_licence_means_and_where_it_is(entry: Further) -> None:
    assert entry.consequence.endswith(".")
    assert "https://" in entry.page
    assert entry.parts
    for part in entry.parts:
        assert part.signatures
        if part.source is not None:
            assert part.source.address.startswith("https://")
            assert part.source.sha256 is None or len(part.source.sha256) == 64
            assert part.source.size is None or part.source.size == part.about


def test_wav2lip_may_not_be_used_commercially() -> None:
    for name in ("wav2lip", "wav2lip_gan"):
        assert "non-commercial" in further(name).licence
        assert "may not be sold" in further(name).consequence


@pytest.mark.parametrize(
    ("inputs", "outputs", "part"),
    [
        # As instant-high/wav2lip-onnx and facefusion export them.
        (
            [("mel_spectrogram", (1, 1, 80, 16)), ("video_frames", (1, 6, 96, 96))],
            [("predicted_frames", (1, 3, 96, 96))],
            "generator",
        ),
        (
            [("video_frames", (None, 6, 256, 256)), ("mel_spectrogram", (None, 1, 80, 16))],
            [("predicted_frames", (None, 3, 256, 256))],
            "generator",
        ),
        (
            [("source", (1, 1, 80, 16)), ("target", (1, 6, 96, 96))],
            [("output", (1, 3, 96, 96))],
            "generator",
        ),
        ([("source", (1, 1, 80, 16)), ("target", (1, 3, 256, 256))], [("output", ())], None),
        ([("mel_spectrogram", (1, 1, 80, 16))], [("predicted_frames", (1, 3, 96, 96))], None),
        (
            [("mel_spectrogram", (1, 80, 16)), ("video_frames", (1, 6, 96, 96))],
            [("predicted_frames", (1, 3, 96, 96))],
            None,
        ),
        (
            [("mel_spectrogram", (1, 1, 80, 16)), ("video_frames", (1, 6, 256, 256))],
            [("predicted_frames", (1, 3, 96, 96))],
            None,
        ),
    ],
)
def test_networks_of_wav2lip_are_known_by_what_they_take_and_give(
    inputs: list[tuple[str, tuple[int | None, ...]]],
    outputs: list[tuple[str, tuple[int | None, ...]]],
    part: str | None,
) -> None:
    found = further("wav2lip").part_like(inputs, outputs)

    assert (found.name if found else None) == part


@pytest.mark.parametrize(
    ("inputs", "output", "part"),
    [
        ([(1, 3, 256, 256)], (1, 4, 32, 32), "vae_encoder"),
        ([(None, 8, 32, 32), (None, 50, 384)], (None, 4, 32, 32), "unet"),
        ([(1, 8, 32, 32), (1,), (1, 50, 384)], (), "unet"),
        ([(None, 50, 384), (None, 8, 32, 32), ()], (None, 4, 32, 32), "unet"),
        ([(None, 50, 384), (None, 50, 384)], (None, 4, 32, 32), None),
        ([(1, 4, 32, 32)], (1, 3, 256, 256), "vae_decoder"),
        ([(1, 80, 3000)], (None, None, None, None), "whisper_encoder"),
        ([(1, 4, 64, 64)], (1, 3, 512, 512), None),
    ],
)
def test_networks_of_musetalk_are_known_by_shapes_alone(
    inputs: list[tuple[int | None, ...]], output: tuple[int | None, ...], part: str | None
) -> None:
    ports = [(f"input.{number}", shape) for number, shape in enumerate(inputs)]
    found = further("musetalk").part_like(ports, [("1234", output)])

    assert (found.name if found else None) == part


def test_a_file_is_tried_with_our_sizes_where_its_own_are_open() -> None:
    signature = Signature((Port((None, 8, 32), "x"), Port((None, 5))), (Port((None, 3)),))

    assert signature.shapes([("t", (2, None)), ("x", (None, None, 32))]) == {
        "t": (2, 5),
        "x": (1, 8, 32),
    }


def test_a_signature_reads_as_it_is() -> None:
    signature = Signature((Port((None, 3), "x"), Port((1,))), (Port((None, 3), "y"),))

    assert str(signature) == "x [n, 3], [1] to y [n, 3]"
