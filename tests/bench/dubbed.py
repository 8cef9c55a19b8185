"""Everything that is measured on one clip."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.footage import Footage, analyse
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.media.spool import Spool
from relip.mouth.shape import Array
from relip.mouth.style import WINDOW, at
from relip.quality.articulation import VOWELS, energy, leak, spread
from relip.quality.evidence import LEAST, loud, silent
from relip.quality.performance import Performance, followed, known, measured
from relip.speech.articulation import RATE
from relip_job.job import ResyncJob
from tests.bench import figures
from tests.bench.clips import LEAST_REENACTED, Subject
from tests.bench.lines import surely_heard
from tests.bench.record import Run, analysed, recorded
from tests.bench.reenact import reenacted
from tests.bench.seam import Which, seam
from tests.bench.sheet import write_sheet
from tests.bench.table import Row

REENACTED: Final = frozenset(("psnr", "distance"))
DUBBED: Final = frozenset(("closures", "contrast", "stillness", "sharpness", "seam", "flicker"))


def on_clip(
    subject: Subject, only: Collection[str], folder: Path, sheets: Path | None, most: int
) -> list[Row]:
    """The figures of one clip; ``most`` frames at most are re-enacted."""
    rows: list[Row] = []
    clip = probe(subject.picture)
    with analysed(clip, analyse) as (footage, spool):
        if REENACTED & set(only):
            rows += _reenactment(subject.name, footage, spool, most)
        if DUBBED & set(only) or sheets:
            rows += _dub(subject, footage, spool, folder, sheets)
    return [row for row in rows if row.figure in only]


def _reenactment(name: str, footage: Footage, spool: Spool, most: int) -> list[Row]:
    seconds = footage.usable.sum() / footage.clip.rate
    if seconds < LEAST_REENACTED:
        return []
    found = reenacted(footage, spool, most)
    note = f"nearest pose pasted: {found.baseline:.2f} dB; {found.frames} frames"
    return [
        Row("psnr", name, found.psnr, note),
        Row("distance", name, found.distance, f"sharpness {found.sharpness:.2f} of the true mouth"),
    ]


def _dub(
    subject: Subject, footage: Footage, spool: Spool, folder: Path, sheets: Path | None
) -> list[Row]:
    output = folder / f"{subject.name}_dubbed.mkv"
    job = ResyncJob(str(subject.picture), str(subject.line.path), output=str(output), codec="ffv1")
    run = recorded(job, (footage, spool))
    try:
        return _measured(subject, run, output, sheets)
    finally:
        output.unlink(missing_ok=True)


def _measured(subject: Subject, run: Run, output: Path, sheets: Path | None) -> list[Row]:
    footage, name = run.footage, subject.name
    clip, track = footage.clip, footage.track
    assert run.engine is not None and run.dub is not None
    mean = run.engine.shapes.mean
    like = np.full((clip.frames, *track.landmarks.shape[1:]), np.nan, np.float32)
    like[footage.first : footage.first + len(footage.times)] = track.landmarks
    made = probe(output)

    source = measured(known(read_frames(clip), like), mean)
    source = source.only(footage.usable[source.rows - footage.first])
    result = measured(followed(read_frames(made), made.rate, made.rotation, like), mean)
    result = result.only(run.planned[result.rows - footage.first])
    if sheets is not None:
        write_sheet(sheets / f"{name}.png", run, output, result)

    still = run.still[result.rows - footage.first]
    own = _speaking(footage, source)
    own_speech = source.only(own) if own.sum() >= LEAST else source
    rows = [_closures(subject, run, result, source)]

    spoken = still < 0.05
    rows.append(
        Row(
            "contrast",
            name,
            figures.contrast(result.gaps[spoken], own_speech.gaps)
            if spoken.sum() >= LEAST
            else float("nan"),
            f"opening {spread(own_speech.gaps):.3f} in own speech"
            + ("" if own_speech is not source else " (no speech of their own: whole clip)"),
        )
    )
    resting = still > 0.95
    note = f"{int(resting.sum())} silent frames"
    if resting.any():
        note += f", gap {np.median(result.gaps[resting]):.3f}"
    hush = _quiet(footage, source)
    if own.sum() >= LEAST and hush.sum() >= LEAST:
        note += f"; in own silence {leak(source, hush, energy(source, own)):.3f}"
    rows.append(Row("stillness", name, leak(result, resting, energy(result, spoken)), note))

    rows.append(Row("sharpness", name, figures.sharpness(result, source)))
    seams = {
        which: seam(result, source, run.masks, which, mean, read_frames(made), read_frames(clip))
        for which in _WHICH
    }
    rows.append(
        Row(
            "seam",
            name,
            float(np.nanmax(list(seams.values()))),
            f"around the face {seams['alpha']:.2f}, around the mouth {seams['lips']:.2f}",
        )
    )
    moving = figures.flicker(result, spoken)
    everything = figures.flicker(source, np.ones(len(source), bool))
    real = figures.flicker(source, own) if own.sum() >= LEAST else everything
    rows.append(Row("flicker", name, moving / real, _notices(run)))
    return rows


_WHICH: Final[tuple[Which, ...]] = ("alpha", "lips")


def _notices(run: Run) -> str:
    return ", ".join(sorted({notice.code for notice in run.notices}))


def _speaking(footage: Footage, source: Performance) -> NDArray[np.bool_]:
    """``[n]``: frames of the source in which the person is heard speaking."""
    if footage.own is None:
        return np.zeros(len(source), bool)
    return loud(footage.own, _own_seconds(footage, source)) > 0.5


def _quiet(footage: Footage, source: Performance) -> NDArray[np.bool_]:
    """``[n]``: frames of the source in which nobody is heard within a fifth of a second."""
    if footage.own is None:
        return np.zeros(len(source), bool)
    seconds = _own_seconds(footage, source)
    inside = (seconds > 0.2) & (seconds < len(footage.own.voice) / RATE - 0.2)
    return np.asarray(inside & silent(footage.own, seconds))


def _own_seconds(footage: Footage, source: Performance) -> Array:
    """Each frame's time in the clip's own sound."""
    times = footage.times[source.rows - footage.first]
    return np.asarray(times - footage.own_start - footage.delay)


def _closures(subject: Subject, run: Run, result: Performance, source: Performance) -> Row:
    footage = run.footage
    assert run.dub is not None
    step = float(1 / footage.clip.rate)
    below = figures.closed_below(source.gaps)
    seconds = run.seconds[result.rows - footage.first]
    events = subject.line.events(run.dub)
    met, possible = figures.closures_met(result.gaps, seconds, events, below, step)
    if not possible:
        return Row("closures", subject.name, float("nan"), "no p, b or m in the line")
    how = "known" if subject.line.closures is not None else "heard"
    note = f"{met} of {possible} ({how})"
    # A mouth that is always shut meets every closure.
    vowels = at(run.dub.visemes, seconds, WINDOW)[:, VOWELS].sum(1) > 0.6
    if vowels.any():
        note += f"; {100 * (result.gaps[vowels] < below).mean():.0f} % closed on open vowels"
    if footage.own is not None:
        own = surely_heard(footage.own)
        real, heard = figures.closures_met(
            source.gaps, _own_seconds(footage, source), own, below, step
        )
        if heard:
            note += f"; in own speech {100 * real / heard:.0f} % of {heard}"
    note += f"; closed below {below:.3f}"
    return Row("closures", subject.name, 100 * met / possible, note)
