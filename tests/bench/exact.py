"""What must be equal: samples outside the mouth, and everything about time and tags."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

from relip import sample
from relip.media.clip import Clip
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.quality.region import under
from relip_job.job import ResyncJob
from tests.bench.record import Run, allowed_to_change, recorded
from tests.bench.remade import Recipe, remade
from tests.bench.table import Row

LAYOUTS: Final = (
    *(f"yuv{grid}p{bits}" for grid in (420, 422, 444) for bits in ("", "10le", "12le")),
    "yuva444p10le",
    "yuva420p",
    "bgr0",  # read as gbrp: FFV1 packs 8-bit RGB
    "gbrp10le",
    "gbrp12le",
    "gray10le",
)
_FRAMES: Final = 20
_TAGS: Final = {"yuv420p": (6, 6, 6), "yuv420p10le": (9, 16, 9)}
DELIVERED: Final = {
    # name: suffix, recipe, codec of the result
    "25, H.264 to ProRes": (".mp4", Recipe("libx264"), "match"),
    "24000/1001, ProRes": (
        ".mov",
        Recipe(
            "prores_ks",
            "yuv422p10le",
            {"profile": "hq"},
            rate=Fraction(24000, 1001),
            timecode="10:59:58:12",
        ),
        "match",
    ),
    "30000/1001 drop-frame, HEVC 10 bit, BT.2020": (
        ".mov",
        Recipe(
            "libx265",
            "yuv420p10le",
            {"x265-params": "log-level=none"},
            rate=Fraction(30000, 1001),
            timecode="00:59:59;20",
            colour=(9, 16, 9),
        ),
        "hevc",
    ),
    "50, DNxHR": (
        ".mov",
        Recipe(
            "dnxhd",
            "yuv422p",
            {"profile": "dnxhr_hq"},
            rate=Fraction(50),
            timecode="01:00:00:00",
        ),
        "match",
    ),
    "1350/61, H.264": (".mp4", Recipe("libx264", rate=Fraction(1350, 61)), "h264"),
    "variable rate, H.264 to ProRes": (".mp4", Recipe("libx264", uneven=True), "match"),
    "25, FFV1 4:4:4": (".mkv", Recipe("ffv1", "yuv444p", timecode="01:00:00:00"), "ffv1"),
}


def outside(folder: Path, layouts: tuple[str, ...] = LAYOUTS) -> Iterator[Row]:
    """Samples changed outside the alpha region, FFV1 in and out, for every sample layout."""
    for layout in layouts:
        recipe = Recipe(pixels=layout, frames=_FRAMES, colour=_TAGS.get(layout, (1, 1, 1)))
        made = remade(sample.picture(), folder / f"{layout}.mkv", recipe)
        output = folder / f"{layout}_dubbed.mkv"
        run = recorded(ResyncJob(str(made), str(sample.line()), output=str(output), codec="ffv1"))
        wrong, changed, total = changed_outside(run, probe(made), probe(output))
        name = probe(made).format.name
        yield Row("outside", name, wrong, f"of {total:,}; {changed:,} changed inside")
        for path in (made, output):
            path.unlink()


def changed_outside(run: Run, before: Clip, after: Clip) -> tuple[int, int, int]:
    """Samples changed where no alpha allows it; samples changed where it does; all samples.

    A chroma sample may change if any of the luma samples it stands for lies under alpha; alpha
    planes may never change.
    """
    wrong = changed = total = 0
    for old, new in zip(read_frames(before), read_frames(after), strict=True):
        if old.format != new.format:
            raise ValueError(f"{old.format.name} became {new.format.name}")
        allowed = allowed_to_change(run, old)
        for number, (one, other) in enumerate(zip(old.planes, new.planes, strict=True)):
            differs = one != other
            free = under(allowed, old, number)
            wrong += int((differs & ~free).sum())
            changed += int((differs & free).sum())
            total += one.size
    return wrong, changed, total


def timing(folder: Path, quick: bool = False) -> Iterator[Row]:
    """What differs between source and result in frames, times, timecode and tags."""
    from relip.pipeline import resync

    for number, (name, (suffix, recipe, codec)) in enumerate(DELIVERED.items()):
        if quick and number % 3:
            continue
        made = remade(sample.picture(), folder / f"timing{number}{suffix}", recipe)
        output = folder / f"timing{number}_dubbed{'.mkv' if codec == 'ffv1' else '.mov'}"
        job = ResyncJob(str(made), str(sample.line()), output=str(output), codec=codec)
        for _ in resync(job):
            pass
        found = differences(probe(made), probe(output))
        kept = "frames, times, rate, timecode, size, aspect, rotation, colour tags, depth"
        yield Row("timing", name, len(found), "; ".join(found) or kept)
        for path in (made, output):
            path.unlink()


def differences(before: Clip, after: Clip) -> list[str]:
    """What an editor would notice, in words.

    Times are compared in seconds, exactly; chroma siting and full range are left to the codec.
    """
    tags = ("primaries", "transfer", "matrix")
    pairs = {
        "frames": (before.frames, after.frames),
        "start timecode": (before.start_timecode, after.start_timecode),
        "reel": (before.reel, after.reel),
        "size": ((before.width, before.height), (after.width, after.height)),
        "pixel aspect": (before.pixel_aspect, after.pixel_aspect),
        "rotation": (before.rotation, after.rotation),
        **{tag: (getattr(before.colour, tag), getattr(after.colour, tag)) for tag in tags},
    }
    if not before.variable_rate:
        pairs["rate"] = (before.rate, after.rate)
    found = [f"{what} {one} became {other}" for what, (one, other) in pairs.items() if one != other]
    if before.frames == after.frames and before.times != after.times:
        off = max(abs(a - b) for a, b in zip(before.times, after.times, strict=True))
        found.append(f"times are up to {float(off) * 1000:.3f} ms off")
    if before.duration != after.duration:
        off = after.duration - before.duration
        found.append(f"the last picture stands {float(off) * 1000:+.1f} ms")
    if after.format.bits < before.format.bits:
        found.append(f"{before.format.bits} bits became {after.format.bits}")
    return found
