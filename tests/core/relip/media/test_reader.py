import gc
import os
import re
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from relip.media.frame import Frame
from relip.media.probe import probe
from relip.media.reader import plane_views, read_frames, unpacked
from relip_job.errors import DamagedMedia, MediaError
from tests.media_made import FFV1, Recipe, av_picture, make_clip, picture

OPEN_GOP = {"bf": "3", "g": "8", "x264-params": "open-gop=1:scenecut=0"}
X265 = {"x265-params": "log-level=error:keyint=8:min-keyint=8:open-gop=1:bframes=3"}


def decoded(path: Path) -> list[list[bytes]]:
    """Every plane of every picture as a plain decoder gives it."""
    shown = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            whole = frame.to_ndarray(format=frame.format.name)
            shown.append([whole.tobytes()])
    return shown


def packed(frame: Frame) -> bytes:
    return b"".join(np.ascontiguousarray(plane).tobytes() for plane in frame.planes)


@pytest.mark.parametrize(
    ("name", "recipe"),
    [
        ("a.mp4", Recipe("libx264", frames=40, options=OPEN_GOP)),
        ("a.mkv", Recipe("libx264", frames=40, options=OPEN_GOP)),
        ("a.ts", Recipe("libx264", frames=40, options=OPEN_GOP)),
        ("a.mp4", Recipe("libx265", frames=40, options=X265)),
        ("a.mkv", Recipe("libx265", frames=40, options=X265)),
        ("a.mpg", Recipe("mpeg2video", frames=40, options={"bf": "2", "g": "8"})),
        ("a.mov", Recipe("prores_ks", "yuv422p10le", frames=12)),
        ("a.avi", Recipe("mpeg4", frames=40, options={"bf": "2", "g": "8"})),
    ],
)
def test_any_part_is_the_same_as_in_the_whole(tmp_path: Path, name: str, recipe: Recipe) -> None:
    path = tmp_path / name
    make_clip(path, recipe)
    clip = probe(path)
    whole = [packed(frame) for frame in read_frames(clip)]
    if recipe.pixels == "yuv420p":
        assert whole == [planes[0] for planes in decoded(path)]
    assert len(whole) == recipe.frames == clip.frames
    for start in range(recipe.frames):
        part = list(read_frames(clip, start, start + 2))
        assert [frame.index for frame in part] == list(range(start, min(start + 2, clip.frames)))
        assert [packed(frame) for frame in part] == whole[start : start + 2]


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_threads_change_nothing(tmp_path: Path, threads: int) -> None:
    make_clip(tmp_path / "a.mp4", Recipe("libx264", frames=20, options=OPEN_GOP))
    clip = probe(tmp_path / "a.mp4")
    got = [packed(frame) for frame in read_frames(clip, 3, 17, threads=threads)]
    assert got == [packed(frame) for frame in read_frames(clip)][3:17]


def test_frames_know_where_they_lie(tmp_path: Path) -> None:
    rate = Fraction(30000, 1001)
    make_clip(tmp_path / "a.mkv", Recipe(rate=rate, options=FFV1))
    clip = probe(tmp_path / "a.mkv")
    for index, frame in enumerate(read_frames(clip)):
        assert frame.index == index
        assert frame.time == index / rate
        assert frame.pts == clip.pts[index]
        assert (frame.box.width, frame.box.height) == (frame.width, frame.height) == (64, 48)
        assert all(not plane.flags.writeable for plane in frame.planes)


def test_nothing_is_read_of_an_empty_part(tmp_path: Path) -> None:
    make_clip(tmp_path / "a.mkv", Recipe(options=FFV1))
    clip = probe(tmp_path / "a.mkv")
    assert list(read_frames(clip, 4, 4)) == []
    with pytest.raises(ValueError, match="no picture -1"):
        next(read_frames(clip, -1))


# What arrives packed, the codec it fits, and the planes it must become.
PACKED = [
    ("nv12", "yuv420p"),
    ("uyvy422", "yuv422p"),
    ("yuyv422", "yuv422p"),
    ("rgb24", "gbrp"),
    ("bgr24", "gbrp"),
    ("bgra", "gbrap"),
    ("argb", "gbrap"),
    ("rgb48le", "gbrp16le"),
    ("rgba64le", "gbrap16le"),
    ("yuv420p10be", "yuv420p10le"),
]


@pytest.mark.parametrize(("pixels", "planar"), PACKED)
def test_packed_samples_come_out_as_planes_without_loss(
    tmp_path: Path, pixels: str, planar: str
) -> None:
    # Uncompressed in NUT: the only container that takes every layout.
    made = make_clip(tmp_path / "a.nut", Recipe("rawvideo", pixels, frames=2))
    clip = probe(tmp_path / "a.nut")
    assert clip.format.name == planar
    for planes, frame in zip(made, read_frames(clip), strict=True):
        for before, after in zip(planes, frame.planes, strict=True):
            np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(
    ("pixels", "planar"),
    [
        *PACKED,
        *(("nv16", "yuv422p"), ("nv24", "yuv444p"), ("p010le", "yuv420p10le")),
        *(("p012le", "yuv420p12le"), ("p210le", "yuv422p10le"), ("p410le", "yuv444p10le")),
        *(("y210le", "yuv422p10le"), ("bgr48le", "gbrp16le"), ("abgr", "gbrap")),
    ],
)
def test_unpacking_moves_samples_and_nothing_else(pixels: str, planar: str) -> None:
    planes = picture(planar, (64, 48), 0)
    packed_picture = av_picture(planar, planes).reformat(format=pixels)
    assert packed_picture.format.name == pixels
    for before, after in zip(planes, plane_views(unpacked(packed_picture)), strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("pixels", ["ya8", "monob"])
def test_samples_nobody_can_lay_are_refused_by_name(tmp_path: Path, pixels: str) -> None:
    with av.open(str(tmp_path / "a.nut"), "w") as container:
        video = container.add_stream("rawvideo", rate=25)
        assert isinstance(video, VideoStream)
        video.codec_context.width, video.codec_context.height = 64, 48
        video.codec_context.pix_fmt = pixels
        for _ in range(2):
            container.mux(video.encode(av.VideoFrame(64, 48, pixels)))
    with pytest.raises(MediaError, match=pixels[:4]):
        probe(tmp_path / "a.nut")


@pytest.mark.parametrize("size", [(63, 47), (65, 31), (20, 18)])
def test_odd_sizes_keep_every_sample(tmp_path: Path, size: tuple[int, int]) -> None:
    made = make_clip(tmp_path / "a.mkv", Recipe(size=size, frames=2, options=FFV1))
    clip = probe(tmp_path / "a.mkv")
    for planes, frame in zip(made, read_frames(clip), strict=True):
        for before, after in zip(planes, frame.planes, strict=True):
            np.testing.assert_array_equal(before, after)


CODECS = [
    ("libx264", "yuv420p", {"bf": "2", "g": "12"}),
    ("libx265", "yuv420p", {"x265-params": "log-level=error:keyint=12"}),
    ("prores_ks", "yuv422p10le", {}),
    ("dnxhd", "yuv422p", {"profile": "dnxhr_hq"}),
    ("ffv1", "yuv420p", FFV1),
    ("mpeg2video", "yuv420p", {"b": "9M"}),
]


def hit(path: Path, damaged: Path, filler: str) -> None:
    """Copy a file with one packet in the middle overwritten: by zeros, or by noise inside."""
    whole = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][18]
        assert packet.pos is not None
        start, size = packet.pos, packet.size
    if filler == "zeros":
        # Matroska's own head of the block stays: without it the picture would just be absent.
        start, size = (start + 64, size - 64) if path.suffix == ".mkv" else (start, size)
        whole[start : start + size] = bytes(size)
    else:
        noise = np.random.default_rng(3).integers(0, 256, size).astype(np.uint8).tobytes()
        whole[start + size // 8 : start + size] = noise[size // 8 :]
    damaged.write_bytes(whole)


@pytest.mark.parametrize("filler", ["zeros", "noise"])
@pytest.mark.parametrize(("encoder", "pixels", "options"), CODECS)
def test_damage_inside_is_told_by_timecode(
    tmp_path: Path, encoder: str, pixels: str, options: dict[str, str], filler: str
) -> None:
    if filler == "noise" and encoder in ("libx265", "prores_ks"):
        pytest.skip("FFmpeg's decoder takes noise inside a slice for a picture")
    recipe = Recipe(encoder, pixels, (256, 128), 30, timecode="10:00:00:00", options=options)
    suffix = "mkv" if encoder == "ffv1" else "mov"
    make_clip(tmp_path / f"a.{suffix}", recipe)
    hit(tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}", filler)
    with pytest.raises(DamagedMedia) as caught:
        for _ in read_frames(probe(tmp_path / f"b.{suffix}")):
            pass
    assert "copy or export" in caught.value.remedy
    at = re.search(r"10:00:(\d\d):(\d\d)", caught.value.message)
    assert at is not None and abs(int(at[1]) * 25 + int(at[2]) - 18) <= 4


def test_memory_does_not_grow_with_the_clip(tmp_path: Path) -> None:
    make_clip(tmp_path / "a.mkv", Recipe(size=(640, 480), frames=60, options=FFV1))
    clip = probe(tmp_path / "a.mkv")
    page = os.sysconf("SC_PAGE_SIZE")

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * page

    if not Path("/proc/self/statm").exists():
        pytest.skip("only Linux tells its memory this way")
    frames = read_frames(clip, threads=1)
    for _ in range(10):
        next(frames)
    gc.collect()
    before = resident()
    for _ in frames:
        pass
    # Fifty pictures of 460 kB went by.
    assert resident() - before < 8 << 20


def test_streams_without_time_stamps_are_counted_by_decoding(tmp_path: Path) -> None:
    make_clip(tmp_path / "a.h264", Recipe("libx264", frames=30, options={"bf": "2", "g": "12"}))
    clip = probe(tmp_path / "a.h264")
    assert (clip.frames, clip.rate) == (30, Fraction(25))
    assert len(list(read_frames(clip))) == 30
    assert len(list(read_frames(clip, 13, 20))) == 7
