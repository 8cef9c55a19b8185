"""Camera and download footage, where somebody has put some: ``RELIP_CLIPS`` names the folder."""

import os
from pathlib import Path

import av
import numpy as np
import pytest

from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.media.speech import read_speech

FOLDER = os.environ.get("RELIP_CLIPS")
SUFFIXES = {".mov", ".mp4", ".mpg", ".mxf", ".mkv"}
CLIPS = sorted(path for path in Path(FOLDER).iterdir() if path.suffix in SUFFIXES) if FOLDER else []


@pytest.mark.skipif(not CLIPS, reason="RELIP_CLIPS names no folder with clips")
@pytest.mark.parametrize("path", CLIPS, ids=lambda path: path.name)
def test_every_picture_is_the_one_a_plain_decoder_shows(path: Path) -> None:
    clip = probe(path)
    frames = read_frames(clip, 0, 100)
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for shown, frame in zip(container.decode(video=0), frames, strict=False):
            assert shown.pts == frame.pts
            luma = np.frombuffer(memoryview(shown.planes[0]), np.uint8)
            stride = shown.planes[0].line_size
            expected = luma.reshape(-1, stride)[: shown.height, : shown.width]
            np.testing.assert_array_equal(frame.planes[0], expected)
    middle = clip.frames // 2
    assert next(read_frames(clip, middle, middle + 1)).pts == clip.pts[middle]
    if clip.sounds:
        assert abs(read_speech(path).duration - clip.duration) < 1
