"""The page of Resolve that is open: some calls work on one only."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Iterator

from relip_resolve.belief import prove

if TYPE_CHECKING:
    from fusionscript import PageName, Resolve


@contextmanager
def page(resolve: Resolve, name: PageName) -> Iterator[None]:
    """That page inside, the editor's own again afterwards."""
    before = resolve.GetCurrentPage()
    _turn(resolve, name)
    try:
        yield
    finally:
        if before:
            _turn(resolve, before)


def _turn(resolve: Resolve, name: PageName) -> None:
    if resolve.GetCurrentPage() == name:
        return
    answer = resolve.OpenPage(name)
    prove(
        f'OpenPage("{name}")',
        answer,
        resolve.GetCurrentPage() == name,
        f"the {resolve.GetCurrentPage()} page is open",
        f"open the {name.title()} page by hand and close any dialog",
    )
