"""An engine that draws nothing: it writes a small movie with as many frames as it is asked for.

python engine_stub.py [slow] -m relip_plugin.worker --log FILE

``slow`` works for ten seconds, and stops at once when it is told to. With --reuse it knows what it
made.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

import av
import numpy as np
from av.video.stream import VideoStream

SIZE = 64, 48
FASTER = 8
"""Frames whose picture is the same: encoding is not what is tested."""


def say(log: Path, event: str, **values: object) -> None:
    """An event for the host, if it is still there, and for the log."""
    line = json.dumps({"event": event, **values}) + "\n"
    with log.open("a", encoding="utf-8") as file:
        file.write(line)
    with suppress(OSError):
        os.write(1, line.encode())


def stop(log: Path, code: str, message: str) -> NoReturn:
    say(log, "failed", code=code, message=message, remedy="")
    sys.exit(3)


def write_movie(path: Path, rate: Fraction, frames: int) -> None:
    """``frames`` grey pictures, whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    with av.open(str(partial), "w", format="mov") as container:
        video = container.add_stream("mpeg4", rate=rate)
        assert isinstance(video, VideoStream)
        video.codec_context.width, video.codec_context.height = SIZE
        video.codec_context.pix_fmt = "yuv420p"
        for number in range(frames):
            grey = np.full((SIZE[1] * 3 // 2, SIZE[0]), 16 + number // FASTER % 200, np.uint8)
            picture = av.VideoFrame.from_ndarray(grey, format="yuv420p")
            picture.pts, picture.time_base = number, 1 / rate
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
    partial.replace(path)


def rate_of(path: str) -> Fraction:
    with av.open(path) as container:
        return Fraction(container.streams.video[0].average_rate or 25)


def known(job: dict[str, Any]) -> Path | None:
    """What was made for the same job beside where a result is to go."""
    for sidecar in sorted(Path(job["output"]).parent.glob("*_relip_*.json")):
        made = sidecar.with_suffix("")
        told = json.loads(sidecar.read_text(encoding="utf-8"))
        if made.is_file() and {**told, "output": job["output"]} == job:
            return made
    return None


def main() -> None:
    log = Path(sys.argv[sys.argv.index("--log") + 1])
    say(log, "hello", protocol=1, version="0.0-stub")
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    job = told["job"]
    rate = rate_of(job["picture"])
    kept = known(job) if "--reuse" in sys.argv else None
    for done in range(0 if kept else 100 if "slow" in sys.argv else 2):
        say(log, "progress", stage="draw", done=done, total=100, left=1.0)
        readable, _, _ = select.select([0] if "slow" in sys.argv else [], [], [], 0)
        if readable and b"cancel" in os.read(0, 100):
            stop(log, "Cancelled", "the run was cancelled")
        time.sleep(0.1 if "slow" in sys.argv else 0)
    frames = int((Fraction(job["cut"]["end"]) - Fraction(job["cut"]["start"])) * rate)
    output = Path(job["output"])
    if kept is not None:
        say(log, "notice", code="kept", message="nothing has changed")
        output = kept
    else:
        write_movie(output, rate, frames)
    sidecar = output.with_name(output.name + ".json")
    if kept is None:
        sidecar.write_text(json.dumps(job), encoding="utf-8")
    say(
        log,
        "finished",
        output=str(output),
        sidecar=str(sidecar),
        frames=frames,
        changed=frames,
        score="4 of 5",
    )


main()
