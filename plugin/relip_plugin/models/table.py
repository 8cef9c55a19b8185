"""The table of ``relip models``: what is shipped, what may be added, what is there and sound."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from relip_models import CATALOGUE, FURTHER, Store
from relip_models.further import Further


@dataclass(frozen=True)
class Row:
    """A model.

    Attributes
    ----------
    size : bytes; roughly, if it is not installed.
    installed : ``shipped``, ``yes``, ``no``, or which parts are missing.
    checksum : ``ok``, ``differs``, or empty if there is nothing to check.
    used_by : the engine that draws with it now.
    """

    name: str
    purpose: str
    licence: str
    consequence: str
    size: int
    installed: str
    checksum: str
    used_by: str = ""
    page: str = ""
    elsewhere: str = ""


def rows(store: Store) -> Iterator[Row]:
    """Every model; files are read to check them."""
    for model in CATALOGUE:
        there = model.path.is_file()
        yield Row(
            model.name,
            model.purpose,
            model.licence,
            "",
            model.path.stat().st_size if there else 0,
            "shipped" if there else "missing",
            ("ok" if model.checksum() == model.sha256 else "differs") if there else "",
        )
    for entry in FURTHER:
        yield _row(store, entry)


def _row(store: Store, entry: Further) -> Row:
    here = store.find(entry.name)
    installed, checksum, size, used_by = "no", "", entry.about, ""
    if here is not None:
        missing = [part.name for part in entry.parts if here.path(part.name) is None]
        installed = f"without {', '.join(missing)}" if missing else "yes"
        sound = all(here.sound(kept, thorough=True) for kept in here.parts)
        checksum = "ok" if sound else "differs"
        size = sum(kept.size for kept in here.parts)
        newest = store.newest(entry.engine)
        used_by = entry.engine if newest is not None and newest.name == entry.name else ""
    return Row(
        entry.name,
        entry.purpose,
        entry.licence,
        entry.consequence,
        size,
        installed,
        checksum,
        used_by,
        entry.page,
        entry.elsewhere,
    )


def as_text(found: list[Row]) -> str:
    """Shipped models as a table, the others with what one should know before having them."""
    shipped = [row for row in found if not row.page]
    wide = max(len(row.name) for row in found)
    lines = ["shipped with relip:"]
    for row in shipped:
        about = f"{row.name:<{wide}}  {_size(row.size):>8}  {row.licence:<10}  {row.purpose}"
        lines.append(f"{'ok ' if row.checksum == 'ok' else 'BAD'} {about}")
    lines += ["", "yours to add:"]
    for row in found:
        if row.page:
            state = {"no": "not installed", "yes": "installed"}.get(row.installed, row.installed)
            state += {"ok": ", checksum ok", "differs": ", CHECKSUM DIFFERS"}.get(row.checksum, "")
            state += f", used by --engine {row.used_by}" if row.used_by else ""
            about = "" if row.checksum else "about "
            lines.append(f"    {row.name:<{wide}}  {about}{_size(row.size)}, {state}")
            for label, told in (
                ("for", row.purpose),
                ("licence", f"{row.licence}. {row.consequence}"),
                ("from", row.page),
                ("or", row.elsewhere),
            ):
                first = f"        {label:<8}  "
                lines += textwrap.wrap(told, 96, initial_indent=first,
                                       subsequent_indent=" " * len(first),
                                       break_long_words=False, break_on_hyphens=False)  # fmt: skip
    return "\n".join(lines)


def as_json(found: list[Row]) -> str:
    """A list of objects."""
    return json.dumps([asdict(row) for row in found], ensure_ascii=False, indent=2)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
