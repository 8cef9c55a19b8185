from __future__ import annotations

import os
import subprocess
import sys

import pytest

from relip_host.processes import alive


def test_a_process_is_there_until_it_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE) as other:
        assert alive(other.pid)
    assert not alive(other.pid)


def test_this_process_is_there_and_no_process_is_not() -> None:
    assert alive(os.getpid())
    assert not alive(0)
    assert not alive(-1)
    assert not alive(2**22 + 1)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows asks its kernel")
def test_a_process_of_somebody_else_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(pid: int, signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refused)
    assert alive(1)
