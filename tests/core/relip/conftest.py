from __future__ import annotations

from collections.abc import Iterator

import pytest

from relip.media.spool import Spool
from tests.core.relip.sample_followed import Followed, follow_sample


@pytest.fixture(scope="session")
def followed() -> Iterator[Followed]:
    with Spool() as spool:
        yield follow_sample(spool)
