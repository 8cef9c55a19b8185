import sys

import pytest

from tests.bench.cost import run


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell a child's peak memory")
def test_memory_and_work_are_those_of_the_command_alone() -> None:
    ballast = bytearray(300 << 20)  # of this process: not to be inherited
    small = run(["-c", "pass"])
    large = run(["-c", "b = bytearray(b'x' * (100 << 20))"])

    assert len(ballast) > small.memory * 2**20
    assert 90 < large.memory - small.memory < 250
    assert 0 < small.worked < small.seconds * 2
    assert small.cores == small.worked / small.seconds


def test_a_command_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match=r"failed with 3.*no such clip"):
        run(["-c", "import sys; print('no such clip', file=sys.stderr); sys.exit(3)"])
