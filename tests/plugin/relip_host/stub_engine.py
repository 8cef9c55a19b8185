"""An engine that draws nothing: it speaks the protocol, or fails to in the manner it is told.

python stub_engine.py MANNER [--log FILE]

Standard library only, so that any Python can run it. The result is a byte a frame, at 25 frames
a second or STUB_RATE.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import signal
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

FOREVER = 60


class Stub:
    """One job."""

    def __init__(self, log: str | None) -> None:
        self.log = log
        self.listening = True

    def say(self, event: str, **values: object) -> None:
        line = json.dumps({"event": event, **values}) + "\n"
        if self.log:
            with Path(self.log).open("a", encoding="utf-8") as log:
                log.write(line)
        try:
            os.write(1, line.encode())
        except OSError:
            if not self.log:
                sys.exit(3)

    def cancelled(self, wait: float) -> bool:
        readable, _, _ = select.select([0] if self.listening else [], [], [], wait)
        if not readable:
            return False
        told = os.read(0, 1000)
        self.listening = bool(told)
        return b"cancel" in told or not (told or self.log)

    def job(self) -> dict[str, Any]:
        told = b""
        while not told.endswith(b"\n"):
            told += os.read(0, 1 << 16)
        page = json.loads(told)
        assert page["protocol"] == 1
        job: dict[str, Any] = page["job"]
        return job

    def work(self, job: dict[str, Any], total: int, pace: float) -> None:
        partial = Path(job["output"] + ".partial")
        partial.touch()
        self.say("alive")
        for done in range(total):
            left = (total - done) * pace
            self.say("progress", stage="draw", done=done, total=total, left=left)
            if self.cancelled(pace):
                partial.unlink()
                self.say("failed", code="Cancelled", message="the run was cancelled", remedy="")
                sys.exit(3)
        if os.environ.get("STUB_MOUTH"):
            found = {"voice": 1, "person": 2, "people": 3, "how": "sound", "confidence": 0.83}
            self.say("voiced", **found)
        self.say("notice", code="covered", message="the mouth is covered", start=0.5)
        if job.get("others"):
            self.voices(job)

    def voices(self, job: dict[str, Any]) -> None:
        """Whose mouth each voice has; STUB_LEFT_OUT names those that have none: ``2,3``.

        STUB_REASON is the error that they are left out for.
        """
        voices = [job, *job["others"]]
        out = os.environ.get("STUB_LEFT_OUT", "").split(",")
        for number, voice in enumerate(voices, 1):
            if str(number) in out:
                told = {"message": f"voice {number} has nobody", "remedy": "name another"}
                told["reason"] = os.environ.get("STUB_REASON", "FaceError")
                self.say("notice", code="left-out", voice=number, **told)
                continue
            person, how = voice["speaker"]["number"] or number, "sound"
            if voice["speaker"]["number"]:
                how = "number"
            found = {"person": person, "people": 3, "how": how, "confidence": 0.71}
            self.say("voiced", voice=number, **found)
            self.say("notice", code="covered", message=f"mouth {person} is covered", voice=number)
        if all(str(number) in out for number in range(1, len(voices) + 1)):
            told = {"message": "nobody is seen", "remedy": "choose another"}
            self.say("failed", code="FaceError", **told)
            sys.exit(2)

    def known(self, job: dict[str, Any]) -> Path | None:
        """A result of the same job that lies where this one is to go."""
        for sidecar in sorted(Path(job["output"]).parent.glob("*.json")):
            if {**json.loads(sidecar.read_text()), "output": job["output"]} == job:
                return sidecar.with_suffix("")
        return None

    def keep(self, job: dict[str, Any], output: Path) -> None:
        frames = output.stat().st_size
        self.say("notice", code="kept", message="nothing has changed")
        told = {"output": str(output), "sidecar": str(output) + ".json", "score": "4 of 5"}
        self.say("finished", **told, frames=frames, changed=frames)

    def finish(self, job: dict[str, Any], manner: str) -> None:
        cut = job["cut"] or {"start": 0, "end": 1}
        seconds = Fraction(cut["end"]) - Fraction(cut["start"])
        frames = int(seconds * Fraction(os.environ.get("STUB_RATE", "25"))) - (manner == "short")
        output, sidecar = Path(job["output"]), Path(job["output"] + ".json")
        partial = Path(f"{output}.partial")
        partial.write_bytes(b"." * frames)
        partial.replace(output)
        sidecar.write_text(json.dumps(job))
        if manner == "liar":
            output.unlink()
        self.say(
            "finished",
            output=str(output),
            sidecar=str(sidecar),
            frames=frames,
            changed=frames,
            score="4 of 5",
            **({"scores": ["4 of 5"] * (1 + len(job["others"]))} if job.get("others") else {}),
        )


def hang() -> NoReturn:
    time.sleep(FOREVER)
    sys.exit(9)


def before_hello(manner: str) -> None:
    if manner == "silent":
        hang()
    if manner == "garbage":
        os.write(1, b"\x80\x81 Segmentation map loaded\n")
        hang()
    while manner == "flood":
        os.write(1, b"\xff" * 65536)


def before_work(manner: str, stub: Stub, job: dict[str, Any]) -> None:
    if manner == "mute":
        hang()
    if manner == "unwilling":
        stub.say("failed", code="FaceError", message="nobody is seen", remedy="choose another")
        sys.exit(2)
    if manner == "crash":
        sys.stderr.write("loading\nthe driver gave up\n")
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGSEGV)
    if manner in ("crash-once", "crash-twice"):
        tried = Path(job["output"] + ".tried")
        with tried.open("a") as file:
            file.write(".")
        if tried.stat().st_size <= ("crash-once", "crash-twice").index(manner) + 1:
            os._exit(7)
        tried.unlink()
    if manner == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if manner == "leave":
        sys.exit(0)
    if manner == "half":
        os.write(1, b'{"event": "finished", "outp')
        sys.exit(0)
    if manner == "shut":
        os.close(1)
        hang()
    if manner == "stray":
        os.write(1, b"[h264 @ 0x55] a line of a library\n")
    if manner == "chatter":
        os.write(1, b"spam\n" * 100)
        hang()
    if manner == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while manner == "too-late" and not stub.cancelled(1):
        stub.say("progress", stage="draw", done=8, total=9)
    if manner in ("deaf", "stubborn"):
        stub.say("progress", stage="draw", done=1, total=9)
        hang()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("manner")
    parser.add_argument("--log")
    parser.add_argument("--reuse", action="store_true")
    options, _ = parser.parse_known_args()
    manner: str = options.manner
    before_hello(manner)
    stub = Stub(options.log)
    stub.say("hello", protocol=9 if manner == "future" else 1, version="0.0-stub")
    job = stub.job()
    known = stub.known(job) if options.reuse and "STUB_KNOWS" in os.environ else None
    if known:
        stub.keep(job, known)
        return
    before_work(manner, stub, job)
    total, pace = {"slow": (40, 0.05), "endless": (10**5, 0.05)}.get(manner, (4, 0.01))
    stub.work(job, total, pace)
    if manner == "killed-scoring":
        output, tried = Path(job["output"]), Path(job["output"] + ".tried")
        if output.exists():
            stub.say("failed", code="OutputError", message=f"{output} exists already", remedy="")
            sys.exit(2)
        if not tried.exists():
            tried.touch()
            for name in (output, Path(f"{output}.relip.json")):
                name.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        tried.unlink()
    stub.finish(job, manner)
    if manner == "lingering":
        hang()
    if manner == "crash-late":
        os.kill(os.getpid(), signal.SIGSEGV)


main()
