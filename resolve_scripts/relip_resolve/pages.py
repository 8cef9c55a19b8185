"""The page of Resolve that is open: some calls work on one only."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Iterator, List

from relip_host.host import HostError
from relip_resolve.belief import doubt

if TYPE_CHECKING:
    from fusionscript import PageName, Resolve


@contextmanager
def page(resolve: Resolve, name: PageName, notes: List[str]) -> Iterator[None]:
    """That page inside, the editor's own again afterwards; if that fails, ``notes`` say so.

    Raises
    ------
    HostError
        The page does not open.
    """
    before = resolve.GetCurrentPage()
    failed = _turn(resolve, name)
    if failed:
        raise HostError(failed, f"open the {name.title()} page by hand and close any dialog")
    try:
        yield
    finally:
        failed = _turn(resolve, before) if before else ""
        if failed:
            notes.append(failed)


def _turn(resolve: Resolve, name: PageName) -> str:
    """Open a page; what went wrong, in a sentence, or nothing."""
    if resolve.GetCurrentPage() == name:
        return ""
    answer = resolve.OpenPage(name)
    now = resolve.GetCurrentPage()
    if now == name:
        return ""
    return f"{doubt(f'OpenPage({name!r})', answer)}: the {now} page is open"
