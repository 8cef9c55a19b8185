from pathlib import Path

from tests.bench_batch.documents import Nodes, placed, unchanged
from tests.bench_batch.frames import LOST, Compared, OnFrames, distance, frame_cells
from tests.bench_batch.reels import picture_number, sound_number
from tests.plugin.relip_plugin.timeline.reel_made import FORMATS, Piece, reel

SAME = Compared(10, 0, 0)
WHOLE = Nodes(9, 9)


def row(seen: Compared = SAME, heard: Compared | None = SAME, nodes: Nodes = WHOLE) -> OnFrames:
    return OnFrames("otio", "copier", 20, 60, 60, seen, heard, nodes, nodes, 3, 3)


def test_frames_are_compared_by_their_numbers() -> None:
    assert [distance(*pair) for pair in ((5, 5), (5, 7), (None, None), (5, None))] == [
        0, 2, 0, LOST,
    ]  # fmt: skip
    assert Compared.of([(1, 1), (2, 2), (3, 1), (None, None)]) == Compared(4, 1, 2)


def test_nothing_compared_is_no_success() -> None:
    assert not row().short
    assert not row(heard=None).short
    assert row(seen=Compared.of([])).short
    assert row(heard=Compared(10, 1, 1)).short
    assert row(nodes=Nodes(9, 8)).short
    assert frame_cells([row()])[1][-1] == "ok"


def test_numbers_tell_files_and_frames_apart() -> None:
    shot, line = Piece("shot", 100, 50, 2, 700), Piece("line", 90, 30, 1, 40)

    assert picture_number(shot, 110) - picture_number(shot, 100) == 10
    assert picture_number(shot, 100) != picture_number(Piece("", 100, 50, 1, 700), 100)
    assert sound_number(line, 90) == 2 * (1 << 12) + 40


def test_a_document_is_equal_to_itself_and_to_no_other(tmp_path: Path) -> None:
    made = reel(tmp_path)
    for format_ in FORMATS:
        path = made.write(format_)
        nodes = unchanged(path, path, format_)
        assert nodes.equal == nodes.before > 100
        other = tmp_path / f"other{path.suffix}"
        text = path.read_text(encoding="utf-8")
        other.write_text(text.replace("line_07", "line_x"), encoding="utf-8")
        assert unchanged(path, other, format_).equal < nodes.before


def test_a_node_too_many_counts_as_changed(tmp_path: Path) -> None:
    path = reel(tmp_path).write("fcp7")
    other = tmp_path / "other.xml"
    text = path.read_text(encoding="utf-8")
    other.write_text(text.replace("<comments/>", "<comments/><more/>", 1), encoding="utf-8")

    nodes = unchanged(path, other, "fcp7")

    assert nodes.equal < nodes.before


def test_what_lies_on_top_is_found_in_every_format(tmp_path: Path) -> None:
    # Without results the top track is the reel's own; FCPXML's is not connected to anything.
    made = reel(tmp_path)
    for format_ in ("otio", "fcp7"):
        found = placed(made.write(format_), format_)
        assert [(clip.at, clip.frames, clip.first) for clip in found] == [
            (shot.at, shot.frames, shot.first) for shot in made.shots
        ]
        assert found[0].media == made.cameras[made.shots[0].file]
    assert placed(made.write("fcpxml"), "fcpxml") == []
