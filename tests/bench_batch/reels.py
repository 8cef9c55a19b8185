"""The reel of 60 lines over 20 shots, with media whose every frame says which one it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from relip import sample
from relip.media.speech import read_speech
from relip_job.timecode import Timecode
from tests.bench.remade import write_wav
from tests.bench_batch.numbered import ROW, WIDTH, draw, sounding
from tests.plugin.relip_plugin.timeline.reel_made import (
    CAMERA_FRAMES,
    CAMERA_STARTS,
    RATE,
    SOUND_FRAMES,
    SPEAKERS,
    Piece,
    Reel,
    reel,
)

ROWS: Final = 4
"""Of blocks above the picture: its own number, then what each voice says, then none."""
SIZE: Final = (WIDTH, WIDTH + ROWS * ROW)
CAMERA: Final = 1 << 13
"""Picture N of camera C is number ``C * CAMERA + N``."""
SPEAKER: Final = 1 << 12
"""Frame N of the sound of speaker S is number ``(S + 1) * SPEAKER + N``."""
SOUND_RATE: Final = 48_000


def numbered_reel(folder: Path) -> Reel:
    """The whole reel; what is said are numbers."""
    made = reel(folder)
    for number, path in enumerate(made.cameras):
        _camera(path, number)
    for number, path in enumerate(made.sounds):
        numbers = (number + 1) * SPEAKER + np.arange(SOUND_FRAMES, dtype=np.int64)
        write_wav(path, sounding(numbers, SOUND_RATE, 1 / RATE), SOUND_RATE)
    return made


def spoken_reel(whole: Reel, folder: Path, shots: int) -> Reel:
    """The first shots of the reel, on the same cameras, with the sample's line said in it.

    One speaker: the sample shows one face.
    """
    chosen = whole.shots[:shots]
    end = max(shot.at + shot.frames for shot in chosen)
    lines = tuple(line for line in whole.lines[0] if line.at + line.frames <= end)
    speech = read_speech(sample.line())
    total = round(SOUND_FRAMES / RATE * speech.rate)
    path = folder / f"{SPEAKERS[0]}.wav"
    write_wav(path, np.resize(speech.samples, total).astype(np.float32), speech.rate)
    return Reel(folder, chosen, (lines, ()), whole.cameras, (path, path))


def picture_number(shot: Piece, frame: int) -> int:
    """The number of the camera's picture that is seen at a frame of the timeline."""
    return shot.file * CAMERA + shot.first + frame - shot.at


def sound_number(line: Piece, frame: int) -> int:
    """The number of the frame of sound that is heard at a frame of the timeline."""
    return (line.file + 1) * SPEAKER + line.first + frame - line.at


def _camera(path: Path, camera: int) -> None:
    """The sample's face under numbers, at the reel's rate and with the camera's timecode."""
    pictures = list(_faces())
    code = str(Timecode(CAMERA_STARTS[camera], RATE, drop=False))
    with av.open(str(path), "w", options={"video_track_timescale": str(RATE.numerator)}) as made:
        assert isinstance(made, OutputContainer)
        options = {"preset": "ultrafast", "crf": "20", "g": "12"}
        video = made.add_stream("libx264", rate=RATE, options=options)
        assert isinstance(video, VideoStream)
        context = video.codec_context
        context.width, context.height = SIZE
        context.pix_fmt, context.time_base = "yuv420p", 1 / RATE
        context.color_primaries = context.color_trc = context.colorspace = 1  # BT.709
        context.thread_count = 1
        video.metadata["timecode"] = code
        for number in range(CAMERA_FRAMES):
            planes = pictures[number % len(pictures)].copy()
            draw(planes, 0, camera * CAMERA + number)
            picture = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            picture.pts, picture.time_base = number, 1 / RATE
            made.mux(video.encode(picture))
        made.mux(video.encode(None))


def _faces() -> Iterator[NDArray[np.uint8]]:
    """The sample's pictures below empty rows, as planes one under the other."""
    with av.open(str(sample.picture())) as container:
        for picture in container.decode(video=0):
            small = picture.reformat(WIDTH, WIDTH, "yuv420p").to_ndarray()
            luma, chroma = small[:WIDTH], small[WIDTH:].reshape(2, WIDTH // 2, WIDTH // 2)
            above = ROWS * ROW
            planes = [
                np.pad(luma, ((above, 0), (0, 0)), constant_values=128).reshape(-1),
                np.pad(chroma, ((0, 0), (above // 2, 0), (0, 0)), constant_values=128).reshape(-1),
            ]
            yield np.concatenate(planes).reshape(SIZE[1] * 3 // 2, WIDTH)
