import os
import stat
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from relip.media.clip import Clip
from relip.media.frame import Colour
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.media.speech import read_speech
from relip.media.target import target_for
from relip.media.writer import Writer
from relip_job.errors import JobError, OutputError
from tests.media_made import FFV1, Recipe, make_clip, make_sound

LAYOUTS = [
    *(f"yuv{grid}p{bits}" for grid in (420, 422, 444) for bits in ("", "10le", "12le")),
    *("yuva420p", "yuva444p10le", "yuva444p12le", "yuva422p10le"),
    *("gbrp10le", "gbrp12le", "gbrap10le", "gbrap12le", "bgr0", "bgra", "gray", "gray10le"),
]
RATES = [Fraction(24000, 1001), Fraction(30000, 1001), Fraction(25), Fraction(1350, 61)]
CODECS = ["prores", "dnxhr", "h264", "hevc", "ffv1"]
HDR = Colour(9, 16, 9, False, 0)


def rewritten(clip: Clip, path: Path, codec: str, **more: object) -> Clip:
    """Copy the clip frame by frame and look at what came out."""
    with Writer(path, clip, target_for(clip, codec), **more) as writer:  # type: ignore[arg-type]  # the tests name real parameters
        for frame in read_frames(clip):
            writer.write(frame)
    return probe(path)


@pytest.mark.parametrize("pixels", LAYOUTS)
def test_ffv1_gives_back_every_sample(tmp_path: Path, pixels: str) -> None:
    source = tmp_path / "a.mkv"
    made = make_clip(source, Recipe(pixels=pixels, frames=3, options=FFV1))
    clip = probe(source)
    result = rewritten(clip, tmp_path / "b.mkv", "ffv1")
    assert result.format == clip.format
    for planes, frame in zip(made, read_frames(result), strict=True):
        for before, after in zip(planes, frame.planes, strict=True):
            np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("rate", RATES, ids=str)
@pytest.mark.parametrize("codec", CODECS)
def test_rate_and_times_are_kept_exactly(tmp_path: Path, codec: str, rate: Fraction) -> None:
    source = tmp_path / "a.mov"
    recipe = Recipe("libx264", size=(256, 128), rate=rate, frames=9, options={"bf": "2"})
    make_clip(source, recipe)
    clip = probe(source)
    result = rewritten(clip, tmp_path / f"b{target_for(clip, codec).suffix}", codec)
    assert (clip.rate, clip.variable_rate, clip.frames) == (rate, False, 9)
    assert (result.rate, result.variable_rate) == (rate, False)
    assert result.times == clip.times
    assert result.duration == clip.duration


@pytest.mark.parametrize("codec", CODECS)
def test_a_variable_rate_keeps_every_time(tmp_path: Path, codec: str) -> None:
    source = tmp_path / "a.mov"
    ticks = [0, 3000, 6100, 12000, 12900, 20000, 23003]
    recipe = Recipe(
        "libx264",
        size=(256, 128),
        frames=7,
        rate=Fraction(30),
        time_base=Fraction(1, 90000),
        ticks=ticks,
        options={"bf": "2"},
    )
    make_clip(source, recipe)
    clip = probe(source)
    assert clip.variable_rate
    assert clip.times == tuple(Fraction(tick, 90000) for tick in ticks)
    target = target_for(clip, codec)
    result = rewritten(clip, tmp_path / f"b{target.suffix}", codec)
    assert result.variable_rate
    if codec == "ffv1":  # Matroska counts milliseconds, and the target says so
        assert any("milliseconds" in note for note in target.notes)
        worst = max(abs(a - b) for a, b in zip(result.times, clip.times, strict=True))
        assert worst <= Fraction(1, 1000)
    else:
        assert result.times == clip.times
        assert result.time_base == clip.time_base
        assert (result.duration, result.rate) == (clip.duration, clip.rate)


@pytest.mark.parametrize("codec", CODECS)
def test_what_describes_the_picture_is_kept(tmp_path: Path, codec: str) -> None:
    source = tmp_path / "a.mov"
    recipe = Recipe(
        "libx265",
        pixels="yuv420p10le",
        size=(256, 128),
        rate=Fraction(30000, 1001),
        colour=HDR,
        timecode="01:00:59;28",
        reel="A001C002",
        pixel_aspect=Fraction(4, 3),
        rotation=90,
        options={"x265-params": "log-level=error"},
    )
    make_clip(source, recipe)
    clip = probe(source)
    result = rewritten(clip, tmp_path / f"b{target_for(clip, codec).suffix}", codec)
    for found in (clip, result):
        assert found.colour == HDR
        assert found.start_timecode == "01:00:59;28"
        assert found.drop_frame
        assert found.reel == "A001C002"
        assert found.pixel_aspect == Fraction(4, 3)
        assert found.rotation == 90
    assert (result.width, result.height) == (clip.width, clip.height)
    assert result.format.bits >= 10


@pytest.mark.parametrize("profile", ["proxy", "lt", "standard", "hq", "4444", "4444xq"])
def test_prores_stays_prores_of_its_profile(tmp_path: Path, profile: str) -> None:
    rich = profile.startswith("4444")
    recipe = Recipe(
        "prores_ks",
        pixels="yuva444p10le" if rich else "yuv422p10le",
        frames=2,
        options={"profile": profile},
    )
    made = make_clip(tmp_path / "a.mov", recipe)
    clip = probe(tmp_path / "a.mov")
    result = rewritten(clip, tmp_path / "b.mov", "match")
    assert (result.codec, result.profile) == ("prores", clip.profile)
    assert result.format.alpha == rich
    shift = result.format.bits - 10
    after = next(read_frames(result)).planes
    if rich:
        np.testing.assert_allclose(after[3] >> shift, made[0][3], atol=1)
    assert np.abs((after[0] >> shift).astype(int) - made[0][0]).mean() < 24


@pytest.mark.parametrize(
    ("profile", "pixels"),
    [
        ("dnxhr_lb", "yuv422p"),
        ("dnxhr_sq", "yuv422p"),
        ("dnxhr_hq", "yuv422p"),
        ("dnxhr_hqx", "yuv422p10le"),
        ("dnxhr_444", "yuv444p10le"),
        ("dnxhr_444", "gbrp10le"),
    ],
)
def test_dnxhr_stays_dnxhr_of_its_profile(tmp_path: Path, profile: str, pixels: str) -> None:
    recipe = Recipe("dnxhd", pixels, (256, 128), 2, options={"profile": profile})
    make_clip(tmp_path / "a.mov", recipe)
    clip = probe(tmp_path / "a.mov")
    result = rewritten(clip, tmp_path / "b.mov", "match")
    assert (result.codec, result.profile) == ("dnxhd", clip.profile)
    assert result.format == clip.format


@pytest.mark.parametrize(
    ("pixels", "profile"),
    [
        ("yuv420p", "HQ"),
        ("yuv422p10le", "HQ"),
        ("yuv444p", "4444"),
        ("yuva420p", "4444"),
        ("bgra", "4444"),
        ("gbrp10le", "4444"),
        ("yuv420p12le", "4444"),
        ("gray", "HQ"),
    ],
)
def test_other_sources_become_prores_that_holds_them(
    tmp_path: Path, pixels: str, profile: str
) -> None:
    make_clip(tmp_path / "a.mkv", Recipe(pixels=pixels, frames=2, options=FFV1))
    clip = probe(tmp_path / "a.mkv")
    target = target_for(clip)
    result = rewritten(clip, tmp_path / "b.mov", "match")
    assert (result.codec, result.profile) == ("prores", profile)
    assert result.format.alpha == clip.format.alpha
    assert bool(target.notes) == (clip.format.bits > 10)


def test_a_patch_is_prores_4444_with_alpha(tmp_path: Path) -> None:
    make_clip(tmp_path / "a.mkv", Recipe(options=FFV1))
    target = target_for(probe(tmp_path / "a.mkv"), "match", patch=True)
    assert (target.codec, target.profile, target.format.alpha) == ("prores", "4444", True)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p10le", "yuv444p10le"])
def test_h264_and_hevc_are_near_lossless_in_the_same_layout(
    tmp_path: Path, codec: str, pixels: str
) -> None:
    made = make_clip(tmp_path / "a.mkv", Recipe(pixels=pixels, frames=3, options=FFV1))
    clip = probe(tmp_path / "a.mkv")
    result = rewritten(clip, tmp_path / "b.mp4", codec)
    assert result.format == clip.format
    for planes, frame in zip(made, read_frames(result), strict=True):
        error = np.mean((planes[0].astype(float) - frame.planes[0]) ** 2)
        assert error < (0.006 * ((1 << clip.format.bits) - 1)) ** 2


def test_sound_passes_through_unchanged(tmp_path: Path) -> None:
    recipe = Recipe("libx264", frames=25, tone=440.0, options={"bf": "2"})
    make_clip(tmp_path / "a.mov", recipe)
    clip = probe(tmp_path / "a.mov")
    result = rewritten(clip, tmp_path / "b.mov", "prores", audio="source")
    assert [sound.codec for sound in result.sounds] == ["pcm_s16le"]
    before, after = read_speech(clip.path), read_speech(result.path)
    assert before.start == after.start
    np.testing.assert_array_equal(before.samples, after.samples)


def test_compressed_sound_stays_in_sync(tmp_path: Path) -> None:
    recipe = Recipe("libx264", frames=50, tone=440.0, sound_codec="aac", options={"bf": "2"})
    make_clip(tmp_path / "a.mp4", recipe)
    clip = probe(tmp_path / "a.mp4")
    result = rewritten(clip, tmp_path / "b.mov", "prores", audio="source")
    before, after = read_speech(clip.path), read_speech(result.path)
    assert abs(before.start - after.start) < Fraction(1, 10000)
    length = min(len(before.samples), len(after.samples)) - 1600
    difference = np.abs(before.samples[1600:length] - after.samples[1600:length])
    assert difference.max() < 1e-3


def test_the_dub_lies_where_it_is_put(tmp_path: Path) -> None:
    make_clip(tmp_path / "a.mov", Recipe("libx264", frames=50))
    click = np.zeros((24000, 1), np.float32)
    click[4800] = 0.9
    make_sound(tmp_path / "dub.wav", click, 48000, "pcm_s24le")
    clip = probe(tmp_path / "a.mov")
    dub = tmp_path / "dub.wav"
    result = rewritten(
        clip, tmp_path / "b.mov", "prores", audio="dub", dub=dub, dub_start=Fraction(1, 2)
    )
    assert [sound.codec for sound in result.sounds] == ["pcm_s24le"]
    heard = read_speech(result.path)
    assert heard.duration == clip.duration
    assert int(np.argmax(np.abs(heard.samples))) == (24000 + 4800) // 3


def test_a_part_keeps_its_own_timecode_and_starts_at_zero(tmp_path: Path) -> None:
    make_clip(tmp_path / "a.mov", Recipe("libx264", frames=20, timecode="10:00:00:00", tone=100.0))
    clip = probe(tmp_path / "a.mov")
    target = target_for(clip)
    with Writer(tmp_path / "b.mov", clip, target, "source", start=5, stop=15) as writer:
        for frame in read_frames(clip, 5, 15):
            writer.write(frame)
    part = probe(tmp_path / "b.mov")
    assert (part.frames, part.start_timecode) == (10, "10:00:00:05")
    assert part.times == clip.times[:10]
    speech = read_speech(part.path)
    assert speech.start <= 0 and abs(speech.start + speech.duration - Fraction(2, 5)) < 0.03


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    make_clip(tmp_path / "a.mkv", Recipe(options=FFV1))
    return probe(tmp_path / "a.mkv")


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, GeneratorExit, ValueError])
def test_an_interrupted_result_leaves_nothing_behind(
    tmp_path: Path, clip: Clip, interruption: type[BaseException]
) -> None:
    before = sorted(tmp_path.iterdir())
    with (
        pytest.raises(interruption),
        Writer(tmp_path / "b.mov", clip, target_for(clip)) as writer,
    ):
        writer.write(next(read_frames(clip)))
        assert (tmp_path / "b.mov.partial").exists()
        raise interruption
    assert sorted(tmp_path.iterdir()) == before


def test_a_closed_generator_leaves_nothing_behind(tmp_path: Path, clip: Clip) -> None:
    def written() -> Iterator[int]:
        with Writer(tmp_path / "b.mov", clip, target_for(clip)) as writer:
            for frame in read_frames(clip):
                writer.write(frame)
                yield frame.index

    before = sorted(tmp_path.iterdir())
    run = written()
    next(run)
    next(run)
    run.close()  # type: ignore[attr-defined]  # it is a generator
    assert sorted(tmp_path.iterdir()) == before


def test_nothing_is_ever_overwritten(tmp_path: Path, clip: Clip) -> None:
    (tmp_path / "b.mov").write_bytes(b"precious")
    with pytest.raises(OutputError, match="exists already"):
        Writer(tmp_path / "b.mov", clip, target_for(clip))
    with pytest.raises(OutputError, match="original"):
        Writer(clip.path, clip, target_for(clip, "ffv1"))
    assert (tmp_path / "b.mov").read_bytes() == b"precious"


def test_a_suffix_that_cannot_hold_the_codec_is_refused(tmp_path: Path, clip: Clip) -> None:
    with pytest.raises(OutputError, match=r"\.mov"):
        Writer(tmp_path / "b.avi", clip, target_for(clip))


def test_a_full_disk_is_an_output_error(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="only Unix limits the size of files")
    recipe = Recipe(size=(512, 512), frames=20, pixels="yuv444p", options=FFV1)
    make_clip(tmp_path / "a.mkv", recipe)
    clip = probe(tmp_path / "a.mkv")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # A limit on file size fails writes just as a full disk does.
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with (
            pytest.raises(OutputError, match="room"),
            Writer(tmp_path / "b.mov", clip, target_for(clip)) as writer,
        ):
            for frame in read_frames(clip):
                writer.write(frame)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == ["a.mkv"]


def test_an_unwritable_folder_is_an_output_error(tmp_path: Path, clip: Clip) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    if os.access(folder, os.W_OK):
        pytest.skip("whoever runs the tests may write everywhere")
    with pytest.raises(OutputError), Writer(folder / "b.mov", clip, target_for(clip)):
        pass


def test_a_folder_that_does_not_exist_is_an_output_error(tmp_path: Path, clip: Clip) -> None:
    with pytest.raises(OutputError, match="no folder"):
        Writer(tmp_path / "nowhere" / "b.mov", clip, target_for(clip))


@pytest.mark.parametrize("codec", ["prores", "h264", "hevc", "ffv1"])
def test_odd_sizes_keep_their_size(tmp_path: Path, codec: str) -> None:
    make_clip(tmp_path / "a.mkv", Recipe(size=(67, 51), frames=2, options=FFV1))
    clip = probe(tmp_path / "a.mkv")
    result = rewritten(clip, tmp_path / f"b{target_for(clip, codec).suffix}", codec)
    assert (result.width, result.height, result.frames) == (67, 51, 2)


@pytest.mark.parametrize("codec", ["prores", "h264", "hevc", "ffv1"])
@pytest.mark.parametrize("frames", [1, 2, 3, 17])
def test_short_clips_are_written(tmp_path: Path, codec: str, frames: int) -> None:
    make_clip(tmp_path / "a.mkv", Recipe(frames=frames, options=FFV1))
    clip = probe(tmp_path / "a.mkv")
    result = rewritten(clip, tmp_path / f"b{target_for(clip, codec).suffix}", codec)
    assert (result.frames, result.times) == (frames, clip.times)


def test_dnxhr_of_a_tiny_clip_is_refused(clip: Clip) -> None:
    with pytest.raises(JobError, match="256 x 120"):
        target_for(clip, "dnxhr")


def test_unknown_codecs_are_refused(clip: Clip) -> None:
    with pytest.raises(JobError, match="no codec"):
        target_for(clip, "cinepak")


def test_full_range_sources_are_scaled_for_prores(tmp_path: Path) -> None:
    full = Colour(1, 1, 1, True, 0)
    recipe = Recipe(pixels="yuv444p", frames=1, colour=full, options=FFV1)
    made = make_clip(tmp_path / "a.mkv", recipe)
    clip = probe(tmp_path / "a.mkv")
    assert clip.colour.full
    result = rewritten(clip, tmp_path / "b.mov", "prores")
    assert not result.colour.full
    luma = next(read_frames(result)).planes[0].astype(float) / 4
    expected = (made[0][0].astype(float) / 255 * 219 + 16) * 4
    assert np.abs(luma - expected).mean() < 4
