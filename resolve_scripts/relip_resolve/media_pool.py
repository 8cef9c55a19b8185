"""Results in the media pool: brought in once, into a bin of their own, looking like the footage."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Iterator, List, Optional, Tuple

from relip_host.host import HostError, Made
from relip_resolve.belief import doubt, prove
from relip_resolve.originals import JOB
from relip_resolve.scene import Scene, prop, same_file, whole

if TYPE_CHECKING:
    from fusionscript import Folder, MediaPool, MediaPoolItem

BIN = "relip"

ALIKE = (
    "Input Color Space",
    "Input LUT",
    "IDT",
    "Data Level",
    "PAR",
    "Alpha mode",
    "Reel Name",
)
"""What makes two files look different in Resolve though their samples are the same."""


def bring_in(scene: Scene, made: Made, like: MediaPoolItem) -> Tuple[MediaPoolItem, List[str]]:
    """The result as a media pool item that looks ``like`` the footage; notes on what did not stick.

    Raises
    ------
    HostError
        Resolve does not take the file, or reads something else in it than relip wrote.
    """
    pool = scene.project.GetMediaPool()
    notes: List[str] = []
    home = bin_of(pool, scene, notes)
    media = in_bin(home, made.output) or import_file(pool, home, made.output, notes)
    check(media, made)
    notes += look_like(media, like)
    answer = media.SetThirdPartyMetadata(JOB, made.job)
    if media.GetThirdPartyMetadata(JOB) != made.job:
        notes.append(doubt("SetThirdPartyMetadata", answer) + ": relip knows its file by name only")
    return media, notes


def import_file(pool: MediaPool, home: Folder, path: str, notes: List[str]) -> MediaPoolItem:
    """The file, imported into relip's bin; the editor's bin stays open."""
    with current_folder(pool, home, notes):
        answer = pool.ImportMedia([path])
    # What is in the pool counts: a file that is there already may come back as an empty list.
    media = in_bin(home, path) or next(iter(everywhere(pool.GetRootFolder(), path)), None)
    if media is None:
        raise HostError(
            f"{doubt('ImportMedia', answer)}: {path} is not in the media pool",
            "import it by hand to see what Resolve says; the free edition on Linux reads no H.264",
        )
    return media


def check(media: MediaPoolItem, made: Made) -> None:
    """Raise unless Resolve reads of the file what relip wrote."""
    frames = whole(media, "Frames")
    prove(
        "ImportMedia",
        True,
        frames == made.frames,
        f"it reads {frames} frames in {made.output}, and relip wrote {made.frames}",
        "remove the clip from the media pool and run Apply Finished again",
    )
    said = prop(media, "FPS")
    prove(
        "ImportMedia",
        True,
        bool(said) and abs(float(said) - float(made.shot.source_rate)) < 0.005,
        f"it reads {said} frames per second in {made.output}, "
        f"and the footage has {float(made.shot.source_rate):.3f}",
        "set the clip's frame rate in its Clip Attributes, then run Apply Finished",
    )


def look_like(media: MediaPoolItem, footage: MediaPoolItem) -> List[str]:
    """Copy what is not in the file itself; a sentence for each that did not stick."""
    notes = []
    for key in ALIKE:
        wanted = prop(footage, key)
        if not wanted or prop(media, key) == wanted:
            continue
        answer = media.SetClipProperty(key, wanted)
        found = prop(media, key)
        if found != wanted:
            notes.append(
                f"{doubt(f'SetClipProperty({key!r})', answer)}: the result has "
                f"{found or 'none'}, the footage {wanted}; set it in Clip Attributes"
            )
    return notes


def bin_of(pool: MediaPool, scene: Scene, notes: List[str]) -> Folder:
    """``relip/<timeline>``, made where it is missing."""
    name = scene.timeline.GetName() or "timeline"
    return _subfolder(pool, _subfolder(pool, pool.GetRootFolder(), BIN, notes), name, notes)


def _subfolder(pool: MediaPool, parent: Folder, name: str, notes: List[str]) -> Folder:
    found = _named(parent, name)
    if found is not None:
        return found
    # A new bin becomes the current one.
    with current_folder(pool, None, notes):
        answer = pool.AddSubFolder(parent, name)
    found = _named(parent, name)
    if found is None:
        raise HostError(
            f"{doubt('AddSubFolder', answer)}: there is no bin {name}",
            f"make a bin called {BIN} in the media pool, then run Apply Finished",
        )
    return found


def _named(parent: Folder, name: str) -> Optional[Folder]:
    folders = parent.GetSubFolderList() or []
    return next((folder for folder in folders if folder.GetName() == name), None)


@contextmanager
def current_folder(pool: MediaPool, folder: Optional[Folder], notes: List[str]) -> Iterator[None]:
    """``folder`` current inside, the editor's own bin again afterwards, or a note that it is not.

    Raises
    ------
    HostError
        The folder does not open: an import would land among the editor's own clips.
    """
    before = pool.GetCurrentFolder()
    failed = _open(pool, folder) if folder is not None else ""
    if failed:
        raise HostError(failed, "click that bin in the media pool, then run Apply Finished")
    try:
        yield
    finally:
        failed = _open(pool, before) if before is not None else ""
        if failed:
            notes.append(failed)


def _open(pool: MediaPool, folder: Folder) -> str:
    """Open a bin; what went wrong, in a sentence, or nothing."""
    if _same(pool.GetCurrentFolder(), folder):
        return ""
    answer = pool.SetCurrentFolder(folder)
    if _same(pool.GetCurrentFolder(), folder):
        return ""
    return f"{doubt('SetCurrentFolder', answer)}: the bin {folder.GetName()} is not open"


def _same(one: Optional[Folder], other: Folder) -> bool:
    return one is not None and one.GetUniqueId() == other.GetUniqueId()


def in_bin(folder: Folder, path: str) -> Optional[MediaPoolItem]:
    """The item of this bin that shows this file."""
    clips = folder.GetClipList() or []
    return next((media for media in clips if same_file(prop(media, "File Path"), path)), None)


def everywhere(folder: Folder, path: str) -> Iterator[MediaPoolItem]:
    """Items of this bin and those in it that show this file."""
    media = in_bin(folder, path)
    if media is not None:
        yield media
    for below in folder.GetSubFolderList() or []:
        yield from everywhere(below, path)
