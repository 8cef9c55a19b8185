"""The dub as Resolve mixes it: a render of the chosen tracks, and everything put back after it.

For items whose file does not hold what is heard. What it changes for the time of the render: which
sound tracks are enabled, the in and out marks, the settings of the Deliver page, the page. All of
them are put back whatever happens, and read back.
"""

from __future__ import annotations

import math
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Dict, List, Tuple

from relip_host.host import HostError
from relip_resolve.belief import can, doubt, prove
from relip_resolve.pages import page
from relip_resolve.scene import Scene, same_file
from relip_resolve.wav import Wav, cut_head, read_wav

if TYPE_CHECKING:
    from fusionscript import Project, RenderSettings
    from fusionscript import Timeline as ResolveTimeline

PRESET = "Audio Only"
KEPT = "before relip"
"""What the preset with the editor's own settings is called, with a number."""
SAMPLE_RATE = 48000
BITS = 24
DONE = 100
SILENCE = 120.0
"""Seconds without a percent of progress after which a render is given up."""

BOUNCE = "bounce the dub to a file and put that on a track of its own"


@dataclass(frozen=True)
class Wait:
    """How a render is waited for; ``sleep`` and ``now`` are replaced in tests."""

    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic
    step: float = 0.2


def render_dub(
    scene: Scene,
    tracks: Tuple[int, ...],
    start: Fraction,
    end: Fraction,
    folder: str,
    wait: Wait,
) -> str:
    """Path of a WAV of these tracks between two record times.

    Raises
    ------
    HostError
        Resolve does not render, or another length than was asked, or does not take a setting
        back.
    """
    clock = scene.clock
    first = math.floor(start * clock.rate) + clock.start
    last = max(first, math.ceil(end * clock.rate) + clock.start - 1)
    name = f"relip_dub_{uuid.uuid4().hex[:8]}"
    ready(scene)
    if not can(scene.project, "SaveAsNewRenderPreset"):
        raise HostError("this Resolve does not let a script keep your render settings", BOUNCE)
    lost: List[str] = []
    with ExitStack() as restore:
        # Undone last to first: the page at the end.
        restore.callback(tell, lost)
        restore.enter_context(page(scene.seat.resolve, "deliver", lost))
        restore.callback(keep_settings(scene.project), lost)
        restore.callback(keep_marks(scene.timeline), lost)
        restore.callback(keep_tracks(scene), lost)
        only(scene, tracks)
        settings: RenderSettings = {  # type: ignore[typeddict-item]  # the rest is the preset's
            "SelectAllFrames": False,
            "MarkIn": first,
            "MarkOut": last,
            "TargetDir": folder,
            "CustomName": name,
            "ExportVideo": False,
            "ExportAudio": True,
            "AudioBitDepth": BITS,
            "AudioSampleRate": SAMPLE_RATE,
        }
        run(scene.project, settings, wait, lost)
        path, wav = written(Path(folder), name)
    wanted = Fraction(last + 1 - first) / clock.rate
    if abs(wav.duration - wanted) > 1 / clock.rate:
        Path(path).unlink()
        raise HostError(
            f"Resolve rendered {float(wav.duration):.2f} s of the dub instead of "
            f"{float(wanted):.2f} s",
            f"look at the preset {PRESET} on the Deliver page, or {BOUNCE}",
        )
    inside = start - clock.seconds(first)
    if inside > 0:
        cut_head(path, inside)
    return path


def ready(scene: Scene) -> None:
    """Raise if a render now would disturb the editor's own, or lose the marks."""
    if scene.project.IsRenderingInProgress():
        raise HostError("Resolve is rendering", "wait for it to end, then run the script again")
    if not can(scene.timeline, "GetMarkInOut"):
        raise HostError(
            f"{scene.seat.edition} does not tell where the in and out marks are, and a render "
            "would move them",
            f"update to 19.1 or later, or {BOUNCE}",
        )


def tell(lost: List[str]) -> None:
    """Raise if something could not be put back."""
    if lost:
        raise HostError("after the render: " + "; ".join(lost), "put that right by hand")


Restore = Callable[[List[str]], None]


def keep_settings(project: Project) -> Restore:
    """What puts the Deliver page's settings back: there is no way to read them all, so a preset.

    The preset stays: nobody knows whether settings survive when the preset they come from is
    deleted. The one of the last render goes instead.
    """
    name = f"{KEPT} {uuid.uuid4().hex[:8]}"
    older = [preset for preset in presets(project) if preset.startswith(KEPT)]
    form = dict(project.GetCurrentRenderFormatAndCodec() or {})
    answer = project.SaveAsNewRenderPreset(name)
    prove(
        "SaveAsNewRenderPreset",
        answer,
        name in presets(project),
        "the render settings could not be kept, so relip does not touch them",
        BOUNCE,
    )

    def restore(lost: List[str]) -> None:
        answer = project.LoadRenderPreset(name)
        if not answer or dict(project.GetCurrentRenderFormatAndCodec() or {}) != form:
            lost.append(
                f"{doubt('LoadRenderPreset', answer)}: your render settings are in the preset "
                f"{name}, load it"
            )
            return
        for preset in older:
            project.DeleteRenderPreset(preset)

    return restore


def presets(project: Project) -> List[str]:
    """Names of the render presets."""
    found: List[object] = list(project.GetRenderPresetList() or [])
    return [str(one.get("name") or "") if isinstance(one, dict) else str(one) for one in found]


def keep_marks(timeline: ResolveTimeline) -> Restore:
    """What puts the in and out marks back."""
    before: Dict[str, Dict[str, int]] = plain_marks(timeline)

    def restore(lost: List[str]) -> None:
        if plain_marks(timeline) == before:
            return
        answer: object = timeline.ClearMarkInOut("all")
        for kind, span in before.items():
            if kind in ("video", "audio") and {"in", "out"} <= set(span):
                answer = timeline.SetMarkInOut(span["in"], span["out"], kind)  # type: ignore[arg-type]
        if plain_marks(timeline) != before:
            lost.append(f"{doubt('SetMarkInOut', answer)}: the in and out marks were {before}")

    return restore


def plain_marks(timeline: ResolveTimeline) -> Dict[str, Dict[str, int]]:
    """The marks as Resolve counts them, from the timeline's first frame."""
    marks: Dict[str, Dict[str, int]] = dict(timeline.GetMarkInOut() or {})  # type: ignore[arg-type]
    return {kind: dict(span) for kind, span in marks.items() if span}


def keep_tracks(scene: Scene) -> Restore:
    """What enables the sound tracks that were enabled, and no others."""
    before = enabled_tracks(scene)

    def restore(lost: List[str]) -> None:
        answers = switch(scene, before)
        for track, enabled in enabled_tracks(scene).items():
            if enabled != before[track]:
                state = "enabled" if before[track] else "disabled"
                lost.append(
                    f"{doubt('SetTrackEnable', answers.get(track))}: track A{track} was {state}"
                )

    return restore


def enabled_tracks(scene: Scene) -> Dict[int, bool]:
    """Which sound tracks are heard, by number."""
    return {track: scene.enabled("audio", track) for track in range(1, scene.count("audio") + 1)}


def switch(scene: Scene, wanted: Dict[int, bool]) -> Dict[int, bool]:
    """Enable these and disable those; what Resolve answered, by track."""
    answers = {}
    for track, enabled in enabled_tracks(scene).items():
        if enabled != wanted[track]:
            answers[track] = scene.timeline.SetTrackEnable("audio", track, wanted[track])
    return answers


def only(scene: Scene, tracks: Tuple[int, ...]) -> None:
    """Enable these sound tracks and no others."""
    wanted = {track: track in tracks for track in enabled_tracks(scene)}
    answers = switch(scene, wanted)
    for track, enabled in enabled_tracks(scene).items():
        prove(
            "SetTrackEnable",
            answers.get(track),
            enabled == wanted[track],
            f"track A{track} is {'enabled' if enabled else 'disabled'}",
            BOUNCE,
        )


def run(project: Project, settings: RenderSettings, wait: Wait, lost: List[str]) -> None:
    """Render one job and take it off the queue again."""
    answer: object = project.LoadRenderPreset(PRESET)
    if not answer:
        raise HostError(f"Resolve has no render preset {PRESET}", BOUNCE)
    answer = project.SetRenderSettings(settings)
    if not answer:
        raise HostError("Resolve refused the render settings", BOUNCE)
    before = jobs(project)
    job = project.AddRenderJob()
    if not job or job not in jobs(project):
        raise HostError(
            f"{doubt('AddRenderJob', job)}: the queue has {len(before)} jobs as before", BOUNCE
        )
    try:
        check_job(project, job, settings)
        answer = project.StartRendering([job], False)
        if not answer:
            raise HostError("Resolve refused StartRendering", BOUNCE)
        finish(project, job, wait)
    finally:
        if project.IsRenderingInProgress():
            project.StopRendering()
        answer = project.DeleteRenderJob(job)
        if job in jobs(project):
            lost.append(f"{doubt('DeleteRenderJob', answer)}: take the job off the render queue")


def jobs(project: Project) -> Dict[str, Dict[str, object]]:
    """The render queue by id."""
    queue: List[object] = list(project.GetRenderJobList() or [])
    return {str(job.get("JobId") or ""): job for job in queue if isinstance(job, dict)}


def check_job(project: Project, job: str, settings: RenderSettings) -> None:
    """Raise before anything is rendered that was not asked for, or to another folder."""
    queued = jobs(project).get(job, {})
    asked = settings["TargetDir"]
    folder = str(queued.get("TargetDir") or asked)
    prove(
        "SetRenderSettings",
        True,
        same_file(folder, asked) and not queued.get("IsExportVideo"),
        f"the job would render {'picture ' if queued.get('IsExportVideo') else ''}to {folder}",
        BOUNCE,
    )


def finish(project: Project, job: str, wait: Wait) -> None:
    """Wait until a render is done; its state is a word in the editor's language, so by numbers."""
    moved, percent = wait.now(), -1
    while True:
        status: Dict[str, object] = dict(project.GetRenderJobStatus(job) or {})
        if status.get("Error"):
            raise HostError(f"Resolve could not render the dub: {status['Error']}", BOUNCE)
        done = int(str(status.get("CompletionPercentage") or 0))
        if done >= DONE:
            return
        if done > percent:
            moved, percent = wait.now(), done
        elif not project.IsRenderingInProgress():
            raise HostError(
                f"Resolve stopped the render of the dub at {done} %",
                f"render it again, or {BOUNCE}",
            )
        elif wait.now() - moved > SILENCE:
            raise HostError(f"the render of the dub stands still at {done} %", BOUNCE)
        wait.sleep(wait.step)


def written(folder: Path, name: str) -> Tuple[str, Wav]:
    """The file that was rendered; nothing but the file itself says that there is one."""
    found = sorted(folder.glob(f"{name}*"))
    if not found:
        raise HostError(
            f"Resolve said that it rendered the dub, but there is no {name} in {folder}", BOUNCE
        )
    try:
        return str(found[0]), read_wav(str(found[0]))
    except (OSError, ValueError) as error:
        raise HostError(
            f"the preset {PRESET} did not make a WAV: {found[0].name}",
            f"put the preset {PRESET} back as Resolve ships it, or {BOUNCE}",
        ) from error
