from __future__ import annotations

import subprocess
import sys

import pytest

from relip.engines import footage
from relip.engines.named import MODULES, engine_named
from relip_job.errors import JobError
from relip_job.job import ENGINES


def test_every_engine_a_job_may_name_is_there() -> None:
    assert tuple(MODULES) == ENGINES
    assert all(callable(engine_named(name)) for name in ENGINES)


def test_the_footage_engine_is_found_by_its_name() -> None:
    assert engine_named("footage") is footage.start


def test_an_engine_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(JobError, match="no engine 'magic'; choose footage"):
        engine_named("magic")


def test_no_engine_is_loaded_before_it_is_asked_for() -> None:
    told = "import sys, relip.pipeline; print('relip.engines.footage' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
