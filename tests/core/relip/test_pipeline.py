import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from relip import sample
from relip.media.colour import to_rgb
from relip.media.frame import Frame
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.pipeline import resync
from relip_job.errors import FaceError, JobError, MissingMedia, OutputError, SpeechError
from relip_job.events import STAGES, Event, Finished, Notice, Progress
from relip_job.job import ResyncJob, Speaker, TimeRange
from tests.bench.exact import changed_outside, differences
from tests.bench.record import recorded
from tests.core.relip.pipeline_media import (
    SIDE,
    closer,
    covered,
    held,
    on_backdrop,
    silence,
    spoken,
    written,
)

LINE = str(sample.line())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pipeline")


@pytest.fixture(scope="module")
def clip(folder: Path) -> Path:
    return written(folder / "take.mkv", spoken())


@pytest.fixture(scope="module")
def brief(folder: Path) -> Path:
    return written(folder / "brief.mkv", spoken(14))


@dataclass(frozen=True)
class Dubbed:
    job: ResyncJob
    events: list[Event]

    @property
    def output(self) -> Path:
        return Path(str(self.job.output))

    @property
    def finished(self) -> Finished:
        last = self.events[-1]
        assert isinstance(last, Finished)
        return last

    @property
    def notices(self) -> list[str]:
        return [event.code for event in self.events if isinstance(event, Notice)]

    @property
    def page(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(Path(self.finished.sidecar).read_text("utf-8"))
        return found

    def changed(self) -> NDArray[np.bool_]:
        """[frames]: which differ from the source in any sample."""
        pairs = zip(frames(self.job.picture), frames(self.output), strict=True)
        return np.array([differs(before, after) for before, after in pairs])


def frames(path: str | Path) -> list[Frame]:
    return list(read_frames(probe(path)))


def differs(before: Frame, after: Frame) -> bool:
    return any((a != b).any() for a, b in zip(before.planes, after.planes, strict=True))


def dub(picture: Path, output: Path, **asked: Any) -> Dubbed:
    asked = {"speech": LINE, "codec": "ffv1", **asked}
    job = ResyncJob(str(picture), output=str(output), **asked)
    return Dubbed(job, list(resync(job)))


@pytest.fixture(scope="module")
def dubbed(clip: Path, folder: Path) -> Dubbed:
    return dub(clip, folder / "dubbed.mkv")


def test_stages_follow_each_other_and_one_finished_comes_last(dubbed: Dubbed) -> None:
    progress = [event for event in dubbed.events if isinstance(event, Progress)]
    order = [STAGES.index(event.stage) for event in progress]

    assert order == sorted(order)
    assert set(order) == set(range(len(STAGES))) - {STAGES.index("score")}
    assert all(0 <= event.done <= event.total for event in progress)
    assert [type(event) for event in dubbed.events].count(Finished) == 1
    assert dubbed.finished.frames == 40
    assert dubbed.finished.changed > 30


def test_time_left_ends_at_nothing(dubbed: Dubbed) -> None:
    left = [event.left for event in dubbed.events if isinstance(event, Progress)]

    assert left[-1] == 0
    assert all(seconds is None or seconds >= 0 for seconds in left)


def test_the_result_has_the_source_s_times_and_tags(dubbed: Dubbed, clip: Path) -> None:
    assert differences(probe(clip), probe(dubbed.output)) == []


@pytest.mark.parametrize("pixels", ["yuv420p", "yuva444p10le", "gbrp12le"])
def test_pixels_outside_the_mouth_are_untouched(tmp_path: Path, pixels: str) -> None:
    source = written(tmp_path / "take.mkv", spoken(14), pixels=pixels)
    output = tmp_path / "dubbed.mkv"

    run = recorded(ResyncJob(str(source), LINE, output=str(output), codec="ffv1"))

    wrong, changed, _ = changed_outside(run, probe(source), probe(output))
    assert wrong == 0
    assert changed > 500


def test_the_sidecar_tells_how_the_result_was_made(dubbed: Dubbed) -> None:
    page = dubbed.page

    assert Path(dubbed.finished.sidecar).name == "dubbed.mkv.relip.json"
    assert page["job"]["speech"] == LINE
    assert page["clip"]["timecode"] == "01:00:00:00"
    assert page["clip"]["rate"] == "25"
    assert page["written"]["codec"] == "ffv1"
    assert page["written"]["changed"] == dubbed.finished.changed
    assert all(len(checksum) == 64 for checksum in page["models"].values())
    assert page["library"][0]["mouths"] == 40
    (line,) = page["ranges"]
    assert (line["start"], line["frames"]) == ("01:00:00:00", 40)


def test_only_the_range_is_changed(clip: Path, folder: Path) -> None:
    part = TimeRange(Fraction(10, 25), Fraction(30, 25))

    changed = dub(clip, folder / "range.mkv", ranges=(part,)).changed()

    assert not changed[:10].any()
    assert not changed[30:].any()
    assert changed[12:28].all()


@pytest.fixture(scope="module")
def shut(folder: Path) -> Path:
    """A head that holds still, and its lips with it."""
    return written(folder / "shut.mkv", held(20))


@pytest.fixture(scope="module")
def opened(clip: Path, shut: Path, folder: Path) -> Dubbed:
    return dub(shut, folder / "opened.mkv", library=(str(clip),))


def test_no_strength_leaves_a_resting_mouth(
    clip: Path, shut: Path, opened: Dubbed, folder: Path
) -> None:
    resting = dub(shut, folder / "resting.mkv", library=(str(clip),), strength=0.0)

    assert motion(resting.output) < 0.2 * motion(opened.output)


def motion(path: Path) -> float:
    """Mean change from frame to frame around the mouth."""
    mouths = np.stack([frame.planes[0][130:155, 105:150].astype(float) for frame in frames(path)])
    return float(np.abs(np.diff(mouths, axis=0)).mean())


def test_versions_count_up_beside_the_clip(tmp_path: Path) -> None:
    source = written(tmp_path / "shot 7.mkv", spoken(8))
    before = source.read_bytes()

    outputs = [
        Path(event.output)
        for _ in range(2)
        for event in resync(ResyncJob(str(source), LINE))
        if isinstance(event, Finished)
    ]

    assert [path.name for path in outputs] == ["shot 7_relip_v001.mov", "shot 7_relip_v002.mov"]
    assert source.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "shot 7.mkv",
        "shot 7_relip_v001.mov",
        "shot 7_relip_v001.mov.relip.json",
        "shot 7_relip_v002.mov",
        "shot 7_relip_v002.mov.relip.json",
    ]


def test_a_second_is_enough(folder: Path) -> None:
    source = written(folder / "second.mkv", spoken(25))

    found = dub(source, folder / "second_dubbed.mkv")

    assert found.finished.frames == 25
    assert "short-library" in found.notices


def test_a_mouth_that_never_opens_is_told_and_stays_a_mouth(shut: Path, folder: Path) -> None:
    found = dub(shut, folder / "shut_dubbed.mkv")

    assert "never-opens" in found.notices
    for before, after in zip(frames(shut), frames(found.output), strict=True):
        assert psnr(before, after) > 32


def psnr(before: Frame, after: Frame) -> float:
    error = ((to_rgb(before) - to_rgb(after)) ** 2).mean()
    return float(-10 * np.log10(max(error, 1e-12)))


def test_another_take_opens_a_mouth_that_never_opens(shut: Path, opened: Dubbed) -> None:
    assert "never-opens" not in opened.notices
    assert [part["mouths"] for part in opened.page["library"]] == [20, 40]
    worst = min(
        psnr(before, after)
        for before, after in zip(frames(shut), frames(opened.output), strict=True)
    )
    assert 20 < worst < 35


def test_covered_mouths_keep_the_original(folder: Path) -> None:
    pictures = spoken(60)
    hidden = slice(24, 40)
    pictures[hidden] = [covered(picture) for picture in pictures[hidden]]
    source = written(folder / "covered.mkv", pictures)

    found = dub(source, folder / "covered_dubbed.mkv")

    changed = found.changed()
    assert not changed[hidden].any()
    assert changed[4:20].all()
    assert changed[44:56].all()
    assert {"covered", "no-face"} & set(found.notices)


def test_a_cut_is_no_obstacle(folder: Path) -> None:
    source = written(folder / "cut.mkv", [*spoken(25), *map(closer, spoken(25))])
    output = folder / "cut_dubbed.mkv"

    run = recorded(ResyncJob(str(source), LINE, output=str(output), codec="ffv1"))

    assert run.footage.track.shots.tolist() == [0] * 25 + [1] * 25
    assert (run.amount[20:30] == 1).all(), "there is nothing to ease from at a cut"
    assert changed_outside(run, probe(source), probe(output))[0] == 0


def test_a_face_of_sixty_pixels_is_dubbed(folder: Path) -> None:
    # The face takes 110 of the sample's 256 rows here.
    side = SIDE * 60 // 110
    source = written(folder / "small.mkv", [on_backdrop(picture, side) for picture in spoken(20)])

    found = dub(source, folder / "small_dubbed.mkv")

    assert found.finished.changed == 20


def test_a_patch_laid_over_the_source_is_the_result(
    clip: Path, folder: Path, dubbed: Dubbed
) -> None:
    patch = dub(clip, folder / "patch.mov", patch=True, codec="match")

    assert probe(patch.output).format.alpha
    for source, mouth, whole in zip(
        frames(clip), frames(patch.output), frames(dubbed.output), strict=True
    ):
        alpha = mouth.planes[3][..., None].astype(np.float32) / ((1 << mouth.format.bits) - 1)
        composite = to_rgb(source) * (1 - alpha) + to_rgb(mouth) * alpha
        error = ((composite - to_rgb(whole)) ** 2).mean()
        assert -10 * np.log10(error) > 44


def test_nobody_speaking_in_the_line_is_an_error(brief: Path, tmp_path: Path) -> None:
    quiet = silence(tmp_path / "quiet.wav")
    output = tmp_path / "never.mkv"

    with pytest.raises(SpeechError, match=r"nobody speaks in quiet\.wav between 01:00:00:00"):
        dub(brief, output, speech=str(quiet))

    assert not output.exists()


def test_nobody_in_the_picture_is_an_error(tmp_path: Path) -> None:
    source = written(tmp_path / "wall.mkv", [np.full((SIDE, SIDE, 3), 120, np.uint8)] * 12)

    with pytest.raises(FaceError, match=r"no face was found in wall\.mkv"):
        dub(source, tmp_path / "never.mkv")

    assert [path.name for path in tmp_path.iterdir()] == ["wall.mkv"]


@pytest.mark.parametrize(
    "speaker",
    [Speaker(number=2), Speaker(point=(5.0, 5.0, Fraction(1, 2)))],
    ids=["number", "point"],
)
def test_somebody_who_is_not_there_is_an_error(
    brief: Path, tmp_path: Path, speaker: Speaker
) -> None:
    with pytest.raises(FaceError) as refused:
        dub(brief, tmp_path / "never.mkv", speaker=speaker)

    assert refused.value.remedy
    assert list(tmp_path.iterdir()) == []


Jobs = dict[str, Callable[[Path], ResyncJob]]
REFUSED: Jobs = {
    "the ranges overlap": lambda clip: ResyncJob(
        str(clip),
        LINE,
        ranges=(TimeRange(Fraction(0), Fraction(1)), TimeRange(Fraction(1, 2), Fraction(3, 2))),
    ),
    "there is no engine": lambda clip: ResyncJob(str(clip), LINE, engine="magic"),
    "out of range": lambda clip: ResyncJob(str(clip), LINE, strength=2.0),
    "lies outside the clip": lambda clip: ResyncJob(str(clip), LINE, speech_start=Fraction(60)),
    "a range starts at 9.00 s": lambda clip: ResyncJob(
        str(clip), LINE, ranges=(TimeRange(Fraction(9), Fraction(10)),)
    ),
    "no codec": lambda clip: ResyncJob(str(clip), LINE, codec="cinepak"),
}


@pytest.mark.parametrize("message", REFUSED)
def test_jobs_that_make_no_sense_are_refused(clip: Path, message: str) -> None:
    before = sorted(clip.parent.iterdir())

    with pytest.raises(JobError, match=message):
        list(resync(REFUSED[message](clip)))

    assert sorted(clip.parent.iterdir()) == before


def test_originals_and_older_results_are_never_written_to(
    clip: Path, dubbed: Dubbed, tmp_path: Path
) -> None:
    for taken in (clip, dubbed.output):
        before = taken.read_bytes()
        with pytest.raises(OutputError):
            dub(clip, taken)
        assert taken.read_bytes() == before
    with pytest.raises(OutputError, match="there is no folder"):
        dub(clip, tmp_path / "nowhere" / "dubbed.mkv")


def test_missing_files_are_named(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingMedia, match=r"gone\.mov"):
        dub(tmp_path / "gone.mov", tmp_path / "never.mkv")
    with pytest.raises(MissingMedia, match=r"gone\.wav"):
        dub(clip, tmp_path / "never.mkv", speech=str(tmp_path / "gone.wav"))


def test_what_the_format_cannot_keep_is_told(folder: Path) -> None:
    deep = written(folder / "deep.mkv", held(3), pixels="gbrp12le")
    events = resync(ResyncJob(str(deep), LINE))
    told = next(event for event in events if isinstance(event, Notice))
    assert (told.code, "10 bits" in told.message) == ("format", True)
