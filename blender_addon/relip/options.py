"""What an editor chooses, kept with the scene, and what a run tells, kept with the window."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import bpy

from relip_host.choice import Choice
from relip_host.engines import LICENCES, PROVIDER_WORDS
from relip_host.faces import read_faces
from relip_host.host import HostError
from relip_host.page import Row
from relip_host.steps import Outcome, Step
from relip_job.job import CODECS, ENGINES, PROVIDERS

from .compat import relative_paths

if TYPE_CHECKING:
    from bpy.types import Context, Scene, Strip

ENGINE_NAMES = {
    "footage": ("Footage", "The speaker's own mouths from this clip"),
    "wav2lip": ("Wav2Lip", f"Your own network. {LICENCES['wav2lip']}"),
    "musetalk": ("MuseTalk", f"Your own networks. {LICENCES['musetalk']}"),
}
PROVIDER_NAMES = {name: (words, "") for name, words in PROVIDER_WORDS.items()}
CODEC_NAMES = {
    "match": ("As the Clip", "The class of codec that the clip has"),
    "prores": ("ProRes", "Apple ProRes, in QuickTime"),
    "dnxhr": ("DNxHR", "Avid DNxHR, in QuickTime"),
    "h264": ("H.264", "Small, for review"),
    "hevc": ("HEVC", "Small, for review"),
    "ffv1": ("FFV1", "Lossless, in Matroska"),
}
PLACES = (
    ("above", "Above the Shot", "A new strip over the shot, which is muted"),
    ("in-place", "In Place", "The same strip, showing the new file"),
)
BAD = {"failed", "refused"}
MOST_CHANNELS = 128
RELATIVE = relative_paths()


def _items(keys: tuple[str, ...], names: dict[str, tuple[str, str]]) -> list[tuple[str, str, str]]:
    return [(key, *names.get(key, (key, ""))) for key in keys]


class RelipOptions(bpy.types.PropertyGroup):
    """How to re-sync what is selected in this scene."""

    engine: bpy.props.EnumProperty(
        name="Engine", description="What draws the mouths", items=_items(ENGINES, ENGINE_NAMES)
    )
    provider: bpy.props.EnumProperty(
        name="Networks Run On",
        description="What the networks of other engines run on. What differs from the processor "
        "is not used",
        items=_items(PROVIDERS, PROVIDER_NAMES),
    )
    speaker: bpy.props.IntProperty(
        name="Speaker",
        description="Whose mouth: 1 is the first in the clip, 0 lets relip choose",
        min=0,
        max=99,
    )
    speakers: bpy.props.StringProperty(
        name="Speakers",
        description="Whose mouth each dub channel has, where several people speak: 5=1, 6=2; or a "
        "pixel and a time, 5=640,360@2s. Others follow Speaker, and channels that are heard at "
        "once have a mouth each. Where no sound strip is selected these are dub channels, too",
    )
    strength: bpy.props.FloatProperty(
        name="Strength",
        description="How far the mouth moves: 0 is the resting mouth, 1 the full movement",
        default=1.0,
        min=0.0,
        max=1.5,
        subtype="FACTOR",
    )
    nudge: bpy.props.IntProperty(
        name="Nudge",
        description="Milliseconds by which the lips move later than the dub",
        soft_min=-500,
        soft_max=500,
    )
    codec: bpy.props.EnumProperty(
        name="Codec", description="Of the new file", items=_items(CODECS, CODEC_NAMES)
    )
    folder: bpy.props.StringProperty(
        name="Output Folder",
        description="Where new files go. Empty is beside the clip",
        subtype="DIR_PATH",
        options=RELATIVE,
    )
    place: bpy.props.EnumProperty(name="Result", description="Where the result goes", items=PLACES)
    score: bpy.props.BoolProperty(
        name="Score", description="Measure the result; takes about as long again"
    )
    range_only: bpy.props.BoolProperty(
        name="Preview Range Only", description="Change mouths only inside the preview range"
    )
    reuse: bpy.props.BoolProperty(
        name="Keep What Is Made",
        description="Take the result of an earlier run where nothing it depends on has changed",
        default=True,
    )
    workers: bpy.props.IntProperty(
        name="At a Time",
        description="How many shots are made at a time. 0 is as many as this machine has cores "
        "beside the one that Blender is left with, and memory for",
        min=0,
        max=64,
    )
    dub_channel: bpy.props.IntProperty(
        name="Dub Channel",
        description="The channel whose sound is the dub where no sound strip is selected. "
        "0 is none",
        min=0,
        max=MOST_CHANNELS,
    )


class RelipRow(bpy.types.PropertyGroup):
    """What became of a shot."""

    state: bpy.props.StringProperty()
    text: bpy.props.StringProperty()
    remedy: bpy.props.StringProperty()


class RelipRun(bpy.types.PropertyGroup):
    """How far the run is that goes on, and what the last one came to."""

    busy: bpy.props.BoolProperty()
    done: bpy.props.FloatProperty()
    left: bpy.props.StringProperty()
    text: bpy.props.StringProperty()
    rows: bpy.props.CollectionProperty(type=RelipRow)


CLASSES = (RelipOptions, RelipRow, RelipRun)


def register() -> None:
    """Give scenes their options and windows their run."""
    for kind in CLASSES:
        bpy.utils.register_class(kind)
    scene, windows = cast(Any, bpy.types.Scene), cast(Any, bpy.types.WindowManager)
    scene.relip = bpy.props.PointerProperty(type=RelipOptions)
    windows.relip_run = bpy.props.PointerProperty(type=RelipRun, options={"SKIP_SAVE"})


def unregister() -> None:
    """Take them back."""
    del cast(Any, bpy.types.WindowManager).relip_run
    del cast(Any, bpy.types.Scene).relip
    for kind in reversed(CLASSES):
        bpy.utils.unregister_class(kind)


def options_of(scene: Scene) -> RelipOptions:
    """The scene's."""
    found: RelipOptions = cast(Any, scene).relip
    return found


def run_of(context: Context) -> RelipRun:
    """The window's."""
    found: RelipRun = cast(Any, context.window_manager).relip_run
    return found


def choice_of(scene: Scene, tracks: tuple[int, ...]) -> Choice:
    """What the loop is asked for; ``tracks`` are the channels with the dub.

    Raises
    ------
    HostError
        The folder is beside a .blend that was never saved, or the speakers cannot be read.
    """
    options = options_of(scene)
    wrong = wrong_speakers(options)
    if wrong:
        raise HostError(f"the option Speakers says {options.speakers!r}", wrong)
    if options.folder.startswith("//") and not bpy.data.filepath:
        raise HostError(
            f"the output folder {options.folder} is beside a .blend that was never saved",
            "save the .blend, or choose another folder",
        )
    return Choice(
        tracks,
        options.place,
        options.range_only,
        engine=options.engine,
        provider=options.provider,
        strength=round(options.strength, 4),
        nudge=Fraction(options.nudge, 1000),
        codec=options.codec,
        score=options.score,
        speaker=options.speaker or None,
        folder=bpy.path.abspath(options.folder) or None,
        workers=options.workers or None,
        reuse=options.reuse,
        speakers=read_faces(options.speakers),
    )


def wrong_speakers(options: RelipOptions) -> str:
    """How to write who has which mouth, empty if it can be read."""
    try:
        channels = read_faces(options.speakers)
    except ValueError as error:
        return str(error)
    beyond = [channel for channel in channels if not 1 <= channel <= MOST_CHANNELS]
    return f"Blender has channels 1 to {MOST_CHANNELS}" if beyond else ""


def dub_tracks(scene: Scene, chosen: list[Strip]) -> tuple[int, ...]:
    """Channels with the dub: those of the sound strips that are selected, else the chosen ones."""
    if chosen:
        return tuple(sorted({int(strip.channel) for strip in chosen}))
    options = options_of(scene)
    found = {options.dub_channel} - {0}
    if not wrong_speakers(options):
        found |= set(read_faces(options.speakers))
    return tuple(sorted(found))


def show_step(context: Context, step: Step) -> None:
    """Let the panel tell how far a run is."""
    run = run_of(context)
    run.busy, run.done = True, step.done
    run.text, run.left = step.text, time_left(step.left)


def show_outcome(context: Context, outcome: Outcome | None, names: dict[str, str]) -> None:
    """Let the panel tell what became of the shots; ``names`` by their numbers."""
    run = run_of(context)
    run.busy, run.done, run.text, run.left = False, 0.0, "", ""
    if outcome is None:
        return
    run.rows.clear()
    for row in outcome.rows:
        kept = run.rows.add()
        kept.state, kept.text = row.state, sentence(row, names.get(row.shot, row.shot))
        kept.remedy = row.remedy
    for note in outcome.notes:
        run.rows.add().text = note


def sentence(row: Row, name: str) -> str:
    """What became of a shot: ``take_03: placed on channel 3, 4 of 5``."""
    told = [
        f"{row.state} {row.where}".strip() + (" (kept, nothing has changed)" if row.kept else ""),
        row.score or "",
        row.mouth,
        row.message,
        *row.notes,
    ]
    text = "; ".join(filter(None, told))
    return f"{name}: {text}"


def time_left(seconds: float | None) -> str:
    """``, 2:05 left``."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f", {minutes}:{rest:02d} left"
