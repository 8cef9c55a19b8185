from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.stream import VideoStream

from relip import sample
from relip.quality.score import ScoreRequest
from relip_plugin.report.page import write_report
from tests.assessments_made import MOUTH, assessment


@pytest.fixture(scope="session")
def asked(tmp_path_factory: pytest.TempPathFactory) -> ScoreRequest:
    """The sample, and a result of it whose mouth is painted blue."""
    path = tmp_path_factory.mktemp("report") / "take & 'one'.mp4"
    x0, y0, x1, y1 = (round(side) for side in MOUTH)
    with av.open(str(sample.picture()), "r") as source, av.open(str(path), "w") as made:
        options = {"preset": "ultrafast", "crf": "18"}
        video = made.add_stream("libx264", rate=Fraction(25), options=options)
        assert isinstance(video, VideoStream)
        video.width = video.height = 512
        video.pix_fmt = "yuv420p"
        video.metadata["timecode"] = "01:00:00:00"
        for number, frame in enumerate(source.decode(video=0)):
            picture = np.array(frame.to_ndarray(format="rgb24"), np.uint8)
            cv2.rectangle(picture, (x0, y0), (x1, y1), (30, 60, 220), -1)
            new = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            new.pts, new.time_base = number, Fraction(1, 25)
            made.mux(video.encode(new))
        made.mux(video.encode(None))
    return ScoreRequest(sample.picture(), path, sample.line(), speech_start=Fraction(1))


@pytest.fixture(scope="session")
def report(asked: ScoreRequest) -> Path:
    """A page about a card that lost two points."""
    path = asked.result.parent / "card.html"
    stages = {progress.stage for progress in write_report(path, asked, assessment())}
    assert stages == {"report"}
    return path
