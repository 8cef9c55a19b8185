"""What every test may rely on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def _no_cache_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache without room, so that no test finds what another one kept, or what you did."""
    folder = tmp_path_factory.mktemp("cache")
    (folder / "limit.json").write_text('{"bytes": 0}')
    with pytest.MonkeyPatch.context() as patch:
        if "RELIP_CACHE" not in os.environ:
            patch.setenv("RELIP_CACHE", str(folder))
        yield folder
