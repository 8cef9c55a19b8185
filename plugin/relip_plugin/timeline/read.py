"""Any timeline document, told apart by what is in it."""

from __future__ import annotations

from pathlib import Path

from relip_job.errors import JobError
from relip_plugin.timeline.fcp7 import read_fcp7
from relip_plugin.timeline.fcpxml import read_fcpxml
from relip_plugin.timeline.model import Document
from relip_plugin.timeline.otio import read_otio
from relip_plugin.timeline.xml_safe import LARGEST, read_xml

WAYS = "export it as OTIO, Final Cut Pro 7 XML or FCPXML"


def read_timeline(path: str | Path) -> Document:
    """The timeline in an ``.otio``, ``.xml`` or ``.fcpxml`` file, or in a bundle ``.fcpxmld``.

    Raises
    ------
    JobError
        There is no such file, or no timeline in it that can be read exactly.
    """
    place = Path(path)
    if place.is_dir():
        place /= "Info.fcpxml"
    try:
        if place.stat().st_size > 2 * LARGEST:
            raise JobError(f"{place.name} is too large for a timeline", WAYS)
        document = place.read_bytes()
    except OSError as error:
        raise JobError(f"{path} cannot be read ({error.strerror})", "name a timeline") from error
    folder = place.parent.resolve()
    begins = document[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if begins.startswith(b"{"):
        return read_otio(document, place.name, folder)
    if not begins.startswith(b"<"):
        raise JobError(f"{place.name} is no timeline that relip knows", WAYS)
    root = read_xml(document, place.name)
    if root.tag == "xmeml":
        return read_fcp7(document, root, place.name, folder)
    if root.tag == "fcpxml":
        return read_fcpxml(document, root, place.name, folder)
    raise JobError(f"{place.name} is XML, but no timeline", WAYS)
