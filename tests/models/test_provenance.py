from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from relip_models.catalogue import CATALOGUE, WEIGHTS

README = WEIGHTS.parents[1] / "README.md"
REMEDY = "after a network was made anew: python -m scripts.speech.provenance --accept NAME"
ROW = re.compile(r"\| `(\S+)` \| (\d+) \| `([0-9a-f]{64})` \| (\S+) \| .+ \| `(\S+)` \|")


def rows() -> dict[str, tuple[int, str, str, str]]:
    """File to bytes, checksum, licence and script, as the table has them."""
    found = (ROW.fullmatch(line) for line in README.read_text("utf-8").splitlines())
    return {row[1]: (int(row[2]), row[3], row[4], row[5]) for row in found if row}


def test_every_shipped_file_is_in_the_table_as_it_is() -> None:
    shipped = {
        path.name: (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in WEIGHTS.iterdir()
    }

    assert {name: row[:2] for name, row in rows().items()} == shipped, REMEDY


def test_the_table_gives_the_licences_of_the_catalogue() -> None:
    for entry in CATALOGUE:
        assert rows()[entry.file][2] == entry.licence


def test_every_script_in_the_table_is_there() -> None:
    for _, _, _, script in rows().values():
        assert (README.parent / "scripts" / script).is_file()


def test_every_shipped_file_has_its_notice() -> None:
    notice = (WEIGHTS.parent / "NOTICE").read_text("utf-8")

    assert [path.name for path in WEIGHTS.iterdir() if path.name not in notice] == []


def test_the_table_is_the_one_the_scripts_write() -> None:
    pytest.importorskip("tflite", reason="the scripts of the face networks need tflite")
    from scripts.speech.provenance import table, with_table

    text = README.read_text("utf-8")
    assert with_table(text, table()) == text, REMEDY


def test_accepting_a_network_changes_its_checksum_only(tmp_path: Path) -> None:
    pytest.importorskip("tflite", reason="the scripts of the face networks need tflite")
    from scripts.speech import provenance

    head = next(entry for entry in CATALOGUE if entry.name == "speech_head")
    right = provenance.CATALOGUE_FILE.read_text("utf-8")
    catalogue = tmp_path / "catalogue.py"
    stale = type(head)(head.name, head.file, "0" * 64, head.purpose, head.licence, head.source)
    catalogue.write_text(right.replace(head.sha256, stale.sha256), "utf-8")

    provenance.accept(stale, catalogue)

    assert catalogue.read_text("utf-8") == right
