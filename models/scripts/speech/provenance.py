"""Write the table of all shipped weights, with checksums, into ``models/README.md``.

``PYTHONPATH=core:models python -m scripts.speech.provenance`` takes the checksums of what is
shipped from the files, which have to be those of the catalogue, and the checksums of what they
were made of from the scripts that made them. After a network was made anew, ``--accept NAME``
writes its checksum into the catalogue first. It needs what ``scripts.face`` needs.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from relip_models.catalogue import CATALOGUE, WEIGHTS, Model
from scripts.face.make_face_networks import SOURCES as FACE
from scripts.speech.wheels import SOURCES as SPEECH
from scripts.speech.wheels import checksum

README: Final = Path(__file__).parents[2] / "README.md"
CATALOGUE_FILE: Final = WEIGHTS.parent / "catalogue.py"
BEGIN: Final = "<!-- scripts.speech.provenance writes from here -->\n"
END: Final = "<!-- to here -->\n"

APART: Final = {"hama17_tokens.json": "Apache-2.0", "whisper_mel.npy": "Apache-2.0"}
"""Files that are no networks, so not in the catalogue, and their licences."""

TRAINED: Final = ("speech labelled by `speech/corpus`", "speech/head/export.py")
COMPUTED: Final = ("librosa 0.11.0, computed", "speech/make_speech_networks.py")


@dataclass(frozen=True)
class Origin:
    """One file in a wheel that shipped files are made of.

    Attributes
    ----------
    member : its path in the wheel; where that is an archive itself, the file in it comes first.
    """

    member: str
    sha256: str
    requirement: str
    wheel_sha256: str

    @property
    def name(self) -> str:
        """The file without its folders."""
        return self.member.partition(" in ")[0].rpartition("/")[2]


def origins() -> dict[str, Origin]:
    """What a shipped file is made of, by the shipped file's name."""
    found = {
        entry.file: Origin(
            " in ".join(reversed(entry.members)),
            entry.sha256,
            entry.requirement,
            entry.wheel_sha256,
        )
        for entry in FACE
    }
    for file, packed in SPEECH.items():
        wheel = packed.wheel
        found[file] = Origin(packed.member, packed.sha256, wheel.requirement, wheel.sha256)
    return found


def table() -> str:
    """Two tables: what is shipped, and what it was made of."""
    known = origins()
    return "\n".join([*_shipped(known), "", *_sources(known.values()), ""])


def _shipped(known: dict[str, Origin]) -> Iterator[str]:
    licences = APART | {entry.file: entry.licence for entry in CATALOGUE}
    yield "| shipped file | bytes | SHA-256 | licence | made of | by `scripts/` |"
    yield "|---|---|---|---|---|---|"
    for path in sorted(WEIGHTS.iterdir()):
        if path.name in known:
            script = "speech/make_speech_networks.py"
            if path.name not in SPEECH:
                script = "face/make_face_networks.py"
            made_of = f"`{known[path.name].name}`"
        else:
            made_of, script = TRAINED if path.suffix == ".onnx" else COMPUTED
        size, sha256 = path.stat().st_size, checksum(path.read_bytes())
        licence = licences[path.name]
        yield f"| `{path.name}` | {size} | `{sha256}` | {licence} | {made_of} | `{script}` |"


def _sources(known: Iterable[Origin]) -> Iterator[str]:
    yield "| made of | its SHA-256 | wheel on PyPI | the wheel's SHA-256 |"
    yield "|---|---|---|---|"
    for entry in sorted(known, key=lambda entry: entry.name):
        yield (
            f"| `{entry.member}` | `{entry.sha256}` "
            f"| `{entry.requirement}` | `{entry.wheel_sha256}` |"
        )


def with_table(text: str, made: str) -> str:
    """``text`` with the table in its place."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{README} has no lines {BEGIN.strip()} and {END.strip()}; put them back")
    return f"{before}{begin}\n{made}\n{end}{after}"


def accept(entry: Model, catalogue: Path) -> None:
    """Write the file's checksum as it is now into the catalogue."""
    _write(catalogue, catalogue.read_text("utf-8").replace(entry.sha256, entry.checksum()))


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(text, "utf-8")
    partial.replace(path)


def main() -> None:
    """Read the command line, write what changed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    names = [entry.name for entry in CATALOGUE]
    parser.add_argument("--accept", choices=names, nargs="+", default=[], metavar="NAME")
    accepted: list[str] = parser.parse_args().accept
    for entry in CATALOGUE:
        if entry.checksum() == entry.sha256:
            continue
        if entry.name not in accepted:
            raise SystemExit(
                f"{entry.file} is not the file of the catalogue; get it back, or, if it was made "
                f"anew, give --accept {entry.name}"
            )
        accept(entry, CATALOGUE_FILE)
        print(f"{entry.name}: {entry.sha256} is now {entry.checksum()}")
    _write(README, with_table(README.read_text("utf-8"), table()))


if __name__ == "__main__":
    main()
