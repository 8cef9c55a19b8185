from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.stream import VideoStream

from relip.media.fields import combs
from relip.media.frame import Colour
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip_job.errors import (
    DamagedMedia,
    Interlaced,
    MediaError,
    MissingMedia,
    NoPicture,
)
from tests.media_made import FFV1, Recipe, make_clip, make_sound

INTERLACED_DCT = 1 << 18  # AV_CODEC_FLAG_INTERLACED_DCT
BFRAMES = {"bf": "2", "g": "12"}


def presented(path: Path) -> list[int | None]:
    """What a plain decoder shows, picture by picture."""
    with av.open(str(path)) as container:
        return [frame.pts for frame in container.decode(video=0)]


@pytest.mark.parametrize(
    ("name", "recipe", "codec", "profile"),
    [
        ("a.mp4", Recipe("libx264", frames=30, options=BFRAMES), "h264", "High"),
        ("a.mkv", Recipe("libx264", frames=30, options=BFRAMES), "h264", "High"),
        ("a.ts", Recipe("libx264", frames=30, options=BFRAMES), "h264", "High"),
        (
            "a.mov",
            Recipe("libx265", frames=30, options={"x265-params": "log-level=error"}),
            "hevc",
            "Main",
        ),
        ("a.mov", Recipe("prores_ks", "yuv422p10le", options={"profile": "lt"}), "prores", "LT"),
        (
            "a.mov",
            Recipe("dnxhd", "yuv422p10le", (256, 128), options={"profile": "dnxhr_hqx"}),
            "dnxhd",
            "DNXHR HQX",
        ),
        ("a.mpg", Recipe("mpeg2video", frames=30, options=BFRAMES), "mpeg2video", "Main"),
        ("a.ts", Recipe("mpeg2video", frames=30, options=BFRAMES), "mpeg2video", "Main"),
        ("a.mkv", Recipe(options=FFV1), "ffv1", ""),
        ("a.mp4", Recipe("mpeg4", frames=30, options=BFRAMES), "mpeg4", "Advanced Simple Profile"),
        ("a.avi", Recipe("mjpeg", "yuvj422p", frames=8), "mjpeg", "Baseline"),
    ],
)
def test_pictures_are_those_a_decoder_shows(
    tmp_path: Path, name: str, recipe: Recipe, codec: str, profile: str
) -> None:
    path = tmp_path / name
    make_clip(path, recipe)
    clip = probe(path)
    assert (clip.codec, clip.profile) == (codec, profile)
    assert (clip.width, clip.height) == recipe.size
    assert clip.pts.tolist() == presented(path)
    assert (clip.rate, clip.frames) == (Fraction(25), recipe.frames)
    assert not clip.variable_rate
    assert clip.duration == Fraction(recipe.frames, 25)


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        (f"a.{suffix}", rate)
        for suffix in ("mkv", "mov", "ts")
        for rate in (Fraction(24000, 1001), Fraction(30000, 1001), Fraction(1350, 61), Fraction(24))
    ],
)
def test_the_rate_is_exact_also_where_time_stamps_are_rounded(
    tmp_path: Path, name: str, rate: Fraction
) -> None:
    if name.endswith("ts") and rate == Fraction(1350, 61):
        pytest.skip("an MPEG transport stream has no word for this rate")
    make_clip(tmp_path / name, Recipe("libx264", frames=50, rate=rate, options=BFRAMES))
    clip = probe(tmp_path / name)
    assert (clip.rate, clip.variable_rate) == (rate, False)
    assert clip.times == tuple(index / rate for index in range(50))


def test_a_dropped_picture_makes_the_rate_variable(tmp_path: Path) -> None:
    ticks = [0, 1, 2, 4, 5, 6]
    make_clip(tmp_path / "a.mov", Recipe("libx264", ticks=ticks))
    clip = probe(tmp_path / "a.mov")
    assert clip.variable_rate
    assert clip.times == tuple(Fraction(tick, 25) for tick in ticks)
    assert [clip.index_at(Fraction(tick, 25)) for tick in (0, 3, 4, 99)] == [0, 2, 3, 5]


def test_edit_lists_are_respected(tmp_path: Path) -> None:
    # B pictures make the muxer write an edit list; a late start makes it write an empty edit.
    ticks = list(range(1000, 1024))
    make_clip(tmp_path / "a.mp4", Recipe("libx264", frames=24, ticks=ticks, options=BFRAMES))
    clip = probe(tmp_path / "a.mp4")
    assert clip.pts.tolist() == presented(tmp_path / "a.mp4")
    assert clip.time(0) == 0 and clip.frames == 24


def test_a_clip_cut_inside_a_group_begins_at_its_first_whole_picture(tmp_path: Path) -> None:
    recipe = Recipe(
        "libx264", frames=40, options={"bf": "2", "g": "10", "x264-params": "open-gop=1"}
    )
    make_clip(tmp_path / "a.ts", recipe)
    whole = (tmp_path / "a.ts").read_bytes()
    cut = tmp_path / "cut.ts"
    cut.write_bytes(whole[188 * (len(whole) // 188 // 3) :])
    clip = probe(cut)
    assert clip.frames < 40
    assert len(list(read_frames(clip))) == clip.frames


@pytest.mark.parametrize("text", ["01:02:03:04", "10:00:00;02"])
def test_timecode_and_reel_are_read(tmp_path: Path, text: str) -> None:
    rate = Fraction(30000, 1001)
    recipe = Recipe("prores_ks", "yuv422p10le", rate=rate, timecode=text, reel="B012")
    make_clip(tmp_path / "a.mov", recipe)
    clip = probe(tmp_path / "a.mov")
    assert (clip.start_timecode, clip.reel, clip.drop_frame) == (text, "B012", ";" in text)
    assert str(clip.timecode(1)) == text[:-1] + str(int(text[-1]) + 1)


def test_sound_beside_the_picture_is_listed(tmp_path: Path) -> None:
    make_clip(tmp_path / "a.mov", Recipe("libx264", tone=440.0))
    (sound,) = probe(tmp_path / "a.mov").sounds
    assert (sound.codec, sound.rate, sound.channels) == ("pcm_s16le", 48000, 2)
    assert sound.start == 0


def test_colour_tags_are_read(tmp_path: Path) -> None:
    colour = Colour(9, 18, 9, True, 0)
    make_clip(tmp_path / "a.mov", Recipe("libx264", colour=colour))
    assert probe(tmp_path / "a.mov").colour == colour


def test_an_absent_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingMedia, match="there is no file"):
        probe(tmp_path / "nothing.mov")


def test_a_folder_is_no_clip(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="folder"):
        probe(tmp_path)


def test_an_empty_file_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.mov").touch()
    with pytest.raises(DamagedMedia, match="is empty"):
        probe(tmp_path / "a.mov")


def test_noise_is_damaged(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, 5000).astype(np.uint8)
    (tmp_path / "a.mov").write_bytes(noise.tobytes())
    with pytest.raises(DamagedMedia):
        probe(tmp_path / "a.mov")


@pytest.mark.parametrize("codec", ["libx264", "prores_ks"])
def test_a_cut_short_quicktime_file_is_damaged(tmp_path: Path, codec: str) -> None:
    pixels = "yuv422p10le" if codec == "prores_ks" else "yuv420p"
    make_clip(tmp_path / "a.mov", Recipe(codec, pixels, frames=20))
    whole = (tmp_path / "a.mov").read_bytes()
    (tmp_path / "cut.mov").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(DamagedMedia):
        probe(tmp_path / "cut.mov")


def test_a_cut_short_quicktime_file_with_its_index_in_front_is_damaged(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mov"), "w", container_options={"movflags": "faststart"}) as out:
        video = out.add_stream("libx264", rate=25)
        assert isinstance(video, VideoStream)
        video.codec_context.width, video.codec_context.height = 320, 240
        noise = np.random.default_rng(1)
        for _ in range(20):
            image = noise.integers(0, 256, (240, 320, 3)).astype(np.uint8)
            out.mux(video.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        out.mux(video.encode(None))
    whole = (tmp_path / "a.mov").read_bytes()
    (tmp_path / "cut.mov").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DamagedMedia, match="cut short"):
        probe(tmp_path / "cut.mov")


def test_a_cut_short_matroska_file_is_damaged(tmp_path: Path) -> None:
    make_clip(tmp_path / "a.mkv", Recipe(frames=100, options=FFV1))
    whole = (tmp_path / "a.mkv").read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DamagedMedia):
        probe(tmp_path / "cut.mkv")


def test_sound_alone_is_no_picture(tmp_path: Path) -> None:
    make_sound(tmp_path / "a.wav", np.zeros((4800, 1), np.float32), 48000)
    with pytest.raises(NoPicture, match="sound file"):
        probe(tmp_path / "a.wav")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".bmp", ".webp"])
def test_a_still_image_is_no_moving_picture(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    cv2.imwrite(str(path), np.full((48, 64, 3), 128, np.uint8))
    with pytest.raises(NoPicture, match="still image"):
        probe(path)


def test_a_cover_picture_is_no_moving_picture(tmp_path: Path) -> None:
    cover = tmp_path / "cover.png"
    cv2.imwrite(str(cover), np.full((48, 64, 3), 128, np.uint8))
    make_sound(tmp_path / "plain.mp3", np.zeros((48000, 1), np.float32), 48000, "libmp3lame")
    tagged = tmp_path / "a.mp3"
    image = cover.read_bytes()
    body = b"\0image/png\0\x03\0" + image
    size = (len(body) + 10).to_bytes(4, "big")
    synchsafe = int.from_bytes(size, "big")
    packed = bytes((synchsafe >> shift) & 0x7F for shift in (21, 14, 7, 0))
    frame = b"APIC" + len(body).to_bytes(4, "big") + b"\0\0" + body
    tagged.write_bytes(b"ID3\x03\0\0" + packed + frame + (tmp_path / "plain.mp3").read_bytes())
    with pytest.raises(NoPicture, match="cover"):
        probe(tagged)


def woven(
    path: Path, encoder: str, pixels: str, moving: bool, flags: int, options: dict[str, str]
) -> None:
    """A clip flagged as fields; ``moving`` weaves two instants into each picture."""
    with av.open(str(path), "w") as container:
        video = container.add_stream(encoder, rate=25, options=options)
        assert isinstance(video, VideoStream)
        context = video.codec_context
        context.width, context.height, context.pix_fmt = 256, 128, pixels
        context.flags |= flags
        context.field_order = 2
        context.color_range = 1
        for number in range(8):
            halves = [np.full((128, 256), 60, np.uint8) for _ in range(2)]
            for late, half in enumerate(halves):
                left = 20 + 16 * number + (8 * late if moving else 0)
                half[32:96, left : left + 40] = 200
            luma = halves[0]
            luma[1::2] = halves[1][1::2]
            frame = av.VideoFrame.from_ndarray(luma, format="gray").reformat(format=pixels)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))


FIELD_CODECS = [
    ("a.mpg", "mpeg2video", "yuv420p", INTERLACED_DCT, {"b": "8M"}),
    ("a.mov", "prores_ks", "yuv422p10le", INTERLACED_DCT, {}),
    ("a.mp4", "libx264", "yuv420p", INTERLACED_DCT, {"x264-params": "tff=1"}),
]


@pytest.mark.parametrize(("name", "encoder", "pixels", "flags", "options"), FIELD_CODECS)
def test_fields_are_refused(
    tmp_path: Path, name: str, encoder: str, pixels: str, flags: int, options: dict[str, str]
) -> None:
    woven(tmp_path / name, encoder, pixels, True, flags, options)
    with pytest.raises(Interlaced, match="deinterlace"):
        probe(tmp_path / name)


@pytest.mark.parametrize(("name", "encoder", "pixels", "flags", "options"), FIELD_CODECS)
def test_progressive_pictures_in_interlaced_streams_pass(
    tmp_path: Path, name: str, encoder: str, pixels: str, flags: int, options: dict[str, str]
) -> None:
    woven(tmp_path / name, encoder, pixels, False, flags, options)
    assert probe(tmp_path / name).frames == 8


def test_fine_detail_is_not_taken_for_fields() -> None:
    texture = np.random.default_rng(1).random((128, 128)).astype(np.float32)
    natural = cv2.GaussianBlur(texture, (0, 0), 0.8)
    assert not combs(natural.astype(np.float32))
    stripes = np.zeros((128, 128), np.float32)
    stripes[::2, 40:80] = 0.5
    assert combs(stripes)
