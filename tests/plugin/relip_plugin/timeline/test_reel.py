"""All formats: the reel is read exactly, and comes back with results and nothing else changed."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from relip_host.choice import Choice
from relip_host.host import Made, Shot
from relip_host.jobs import Cut, cut, heard_items, speech_part
from relip_plugin.timeline.model import Document
from relip_plugin.timeline.read import read_timeline
from tests.plugin.relip_plugin.timeline.reel_made import (
    CAMERA_FRAMES,
    CAMERA_STARTS,
    FORMATS,
    RATE,
    START,
    Format,
    Reel,
    reel,
)


@pytest.fixture
def made_reel(tmp_path: Path) -> Reel:
    return reel(tmp_path)


def results(document: Document, folder: Path, track: int = 1) -> list[Made]:
    """What the queue makes of every shot: with handles of twelve frames."""
    found = []
    for number, shot in enumerate(document.shots(track), 1):
        planned = cut(shot, Choice(handles=12))
        assert isinstance(planned, Cut)
        path = folder / f"out put_{number}_relip_v001.mov"
        path.touch()
        found.append(Made("job", shot, str(path), "", planned.begins, planned.frames))
    return found


@pytest.mark.parametrize("format_", FORMATS)
def test_every_shot_and_line_is_on_its_frame(format_: Format, made_reel: Reel) -> None:
    document = read_timeline(made_reel.write(format_))

    assert (document.timeline.name, document.timeline.rate) == ("Reel 3", RATE)
    assert document.timeline.start == START
    assert len(document.shots(1)) == 20
    for shot, piece in zip(document.shots(1), made_reel.shots, strict=True):
        assert shot == Shot(
            shot.id,
            piece.name,
            1,
            piece.at / RATE,
            (piece.at + piece.frames) / RATE,
            str(made_reel.cameras[piece.file]),
            piece.first / RATE,
            RATE,
            CAMERA_FRAMES,
            CAMERA_STARTS[piece.file],
        )
    for speaker, pieces in enumerate(made_reel.lines):
        lines = document.dub_items((speaker + 1,))
        for line, piece in zip(lines, pieces, strict=True):
            assert line.obstacle is None
            assert (line.name, line.media) == (piece.name, str(made_reel.sounds[piece.file]))
            assert (line.start, line.end) == (piece.at / RATE, (piece.at + piece.frames) / RATE)
            assert (line.source, line.channels) == (piece.first / RATE, (1,))
    assert len(document.dub_items((1, 2))) == 60


@pytest.mark.parametrize("format_", FORMATS)
def test_every_line_is_spoken_on_its_frame_of_the_clip(format_: Format, made_reel: Reel) -> None:
    document = read_timeline(made_reel.write(format_))
    lines = document.dub_items((1, 2))
    pieces = {piece.name: piece for track in made_reel.lines for piece in track}
    spoken = set()
    for shot, piece in zip(document.shots(1), made_reel.shots, strict=True):
        planned = cut(shot, Choice())
        assert isinstance(planned, Cut)
        assert planned.lips.start * RATE == piece.first
        heard = heard_items(planned, lines)
        assert isinstance(heard, tuple)
        for line in heard:
            part, own = speech_part(planned, line), pieces[line.name]
            # A sample that is heard at a frame of the timeline is heard at that frame of the file.
            frame_of_clip = part.at * RATE
            frame_of_sound = part.start * RATE
            assert frame_of_clip - piece.first + piece.at == frame_of_sound - own.first + own.at
            spoken.add(line.name)
    assert len(spoken) == 60


def test_formats_tell_the_same(made_reel: Reel) -> None:
    documents = [read_timeline(made_reel.write(format_)) for format_ in FORMATS]

    told = [[replace(shot, id="") for shot in document.shots()] for document in documents]
    assert told[0] == told[1] == told[2]
    assert documents[2].roles == ("dub.anna", "dub.ben")
    assert len(documents[2].dub_items(roles=("dub",))) == 60
    assert [line.name for line in documents[2].dub_items(roles=("dub.ben",))] == [
        line.name for line in documents[0].dub_items((2,))
    ]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_document_without_results_changes_its_name_alone(
    format_: Format, made_reel: Reel
) -> None:
    path = made_reel.write(format_)
    document = read_timeline(path)

    written = document.with_results((), "Reel 3 & <de> é")
    original = path.read_text()
    changed = original.splitlines()
    for number, line in enumerate(written.decode().splitlines()):
        if line != changed[number]:
            assert "Reel 3" in changed[number]
    path.write_bytes(written)

    again = read_timeline(path)
    assert again.timeline.name == "Reel 3 & <de> é"
    assert again.shots() == document.shots()
    assert again.dub_items((1, 2)) == document.dub_items((1, 2))


@pytest.mark.parametrize("format_", FORMATS)
def test_results_lie_over_their_shots(format_: Format, made_reel: Reel) -> None:
    path = made_reel.write(format_)
    document = read_timeline(path)
    made = results(document, made_reel.folder)

    path.write_bytes(document.with_results(made, "Reel 3 de"))
    again = read_timeline(path)

    assert len(again.picture_tracks) == 2
    assert again.shots(1) == document.shots(1)
    assert again.dub_items((1, 2)) == document.dub_items((1, 2))
    over = again.shots(2)
    for one, shot in zip(made, over, strict=True):
        assert shot.media == one.output
        assert (shot.start, shot.end) == (one.shot.start, one.shot.end)
        assert shot.source + one.first == one.shot.source
        assert shot.source_start == one.shot.source_start + one.first * RATE
        assert (shot.source_frames, shot.source_rate) == (one.frames, RATE)
    if format_ == "otio":
        assert again.picture_tracks[1].name == "RELIP v001"
    if format_ != "fcp7":  # which has no names for tracks
        assert again.next_track() == "RELIP v002"


@pytest.mark.parametrize("format_", FORMATS)
def test_results_over_shots_leave_every_line_as_it_was(format_: Format, made_reel: Reel) -> None:
    path = made_reel.write(format_)
    document = read_timeline(path)

    written = document.with_results(results(document, made_reel.folder), "Reel 3")
    lines = iter(written.decode().splitlines())

    for line in path.read_text().splitlines():
        if "uid=" in line:
            continue
        if line.strip().startswith("<asset-clip") and line.endswith("/>"):
            line = line.removesuffix("/>") + ">"  # opened to take a connected clip
        assert any(line.rstrip(",") == other.rstrip(",") for other in lines), line


@pytest.mark.parametrize("format_", FORMATS)
def test_results_over_shots_leave_every_node_as_it_was(format_: Format, made_reel: Reel) -> None:
    path = made_reel.write(format_)
    document = read_timeline(path)

    written = document.with_results(results(document, made_reel.folder), "Reel 3")

    if format_ == "otio":
        found = json.loads(written)
        del found["tracks"]["children"][1]
        assert found == json.loads(path.read_text())
        return
    root = ET.fromstring(written)
    for parent in list(root.iter()):
        for child in list(parent):
            if (
                format_ == "fcp7"
                and child.tag == "track"
                and "relip-clip" in str(ET.tostring(child))
            ):
                parent.remove(child)
            if format_ == "fcpxml" and "relip" in child.get("ref", "") + child.get("id", ""):
                parent.remove(child)
    assert plain(root) == plain(ET.fromstring(path.read_bytes()))


@pytest.mark.parametrize("format_", FORMATS)
def test_results_in_place_swap_references_alone(format_: Format, made_reel: Reel) -> None:
    path = made_reel.write(format_)
    document = read_timeline(path)
    made = results(document, made_reel.folder)[::2]
    before = path.read_bytes()

    path.write_bytes(document.with_results(made, "Reel 3", in_place=True))
    again = read_timeline(path)

    swapped = {one.shot.id: one for one in made}
    for shot, old in zip(again.shots(1), document.shots(1), strict=True):
        if old.id not in swapped:
            assert shot == old
            continue
        one = swapped[old.id]
        assert (shot.start, shot.end, shot.name) == (old.start, old.end, old.name)
        assert (shot.media, shot.source + one.first) == (one.output, old.source)
    assert again.dub_items((1, 2)) == document.dub_items((1, 2))
    allowed = {"otio": "DEFAULT_MEDIA", "fcp7": "file in out duration", "fcpxml": "ref asset"}
    if format_ == "otio":
        changed = set(differences(json.loads(before), json.loads(path.read_bytes())))
    else:
        changed = set(
            differences(plain(ET.fromstring(before)), plain(ET.fromstring(path.read_bytes())))
        )
    words = {"uid", *allowed[format_].split()}
    assert changed
    assert all(words & set(place) for place in changed), changed


def plain(node: ET.Element) -> dict[str, Any]:
    """A tree as values; space between elements is none, and a project's unique name may differ."""
    return {
        "tag": node.tag,
        "attributes": {key: value for key, value in node.attrib.items() if key != "uid"},
        "text": (node.text or "").strip(),
        "children": [
            {child.tag: plain(child)}
            for child in node
            if "relip" not in child.get("id", "asset") or child.tag != "asset"
        ],
    }


def differences(one: Any, other: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Places where two values differ."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from differences(one[key], other[key], (*place, key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, (*place, str(number)))
    elif one != other:
        yield place


def test_an_exact_second_is_not_twenty_four_frames(made_reel: Reel) -> None:
    shot = read_timeline(made_reel.write("otio")).shots(1)[0]

    assert shot.start == Fraction(24 * 1001, 24000)
