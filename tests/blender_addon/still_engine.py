"""An engine that draws nothing: what it makes are the frames of the clip over another grey.

Standard library only; it runs in Blender's own Python. STILL_PACE is the seconds a frame takes,
STILL_MANNER may be ``fail`` or ``notice``. With --reuse it knows what it made for the same job
beside where a result is to go.
"""

from __future__ import annotations

import json
import os
import select
import struct
import sys
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.blender_addon.clips_made import MADE, write_clip

LOG = Path(sys.argv[sys.argv.index("--log") + 1]) if "--log" in sys.argv else None


def say(event: str, **values: object) -> None:
    line = json.dumps({"event": event, **values})
    if LOG is not None:
        with LOG.open("a", encoding="utf-8") as log:
            log.write(line + "\n")
    print(line, flush=True)


def cancelled(wait: float) -> bool:
    readable, _, _ = select.select([sys.stdin], [], [], wait)
    return bool(readable) and "cancel" in sys.stdin.readline()


def rate_of(path: Path) -> Fraction:
    content = path.read_bytes()[:512]
    at = content.index(b"vids")
    scale, rate = struct.unpack_from("<II", content, at + 20)
    return Fraction(rate, scale)


def known(job: dict[str, object]) -> Path | None:
    for told in sorted(Path(str(job["output"])).parent.glob("*_relip_*.json")):
        if {**json.loads(told.read_text(encoding="utf-8")), "output": job["output"]} == job:
            return told.with_suffix("")
    return None


say("hello", protocol=1, version="0.1.0")
job = json.loads(sys.stdin.readline())["job"]
rate = rate_of(Path(job["picture"]))
first, stop = (round(Fraction(job["cut"][edge]) * rate) for edge in ("start", "end"))
kept = known(job) if "--reuse" in sys.argv else None
if kept is not None:
    say("notice", code="kept", message="nothing has changed")
    say("finished", output=str(kept), sidecar="", frames=stop - first, changed=stop - first)
    sys.exit(0)
pace = float(os.environ.get("STILL_PACE", "0"))
for done in range(stop - first if pace else 1):
    say("progress", stage="draw", done=done, total=stop - first, left=(stop - first - done) * pace)
    if cancelled(pace):
        say("failed", code="Cancelled", message="cancelled, nothing was written", remedy="")
        sys.exit(3)
if os.environ.get("STILL_MANNER") == "fail":
    say("failed", code="FaceError", message="nobody is seen", remedy="choose another range")
    sys.exit(2)
if os.environ.get("STILL_MANNER") == "notice":
    say("notice", code="covered", message="the mouth is covered")
output = Path(job["output"])
write_clip(output.with_name(output.name + ".partial"), rate, range(first, stop), MADE)
output.with_name(output.name + ".partial").replace(output)
output.with_name(output.name + ".json").write_text(json.dumps(job), encoding="utf-8")
say("finished", output=str(output), sidecar="", frames=stop - first, changed=stop - first)
