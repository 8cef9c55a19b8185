"""relip at work without a network: not Python's, and where the system can take it away, none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from relip import sample

WITHOUT = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"):
        raise ConnectionRefusedError(f"the network was asked for: {event} {arguments}")

sys.addaudithook(refuse)
from relip_plugin.cli import main
sys.exit(main(sys.argv[1:]))
"""


def alone() -> list[str]:
    """What takes the network from a process, if this system lets us."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rn", "true"], check=False).returncode:
        return []
    return [unshare, "-rn"]


def relip(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    homes = dict.fromkeys(("HOME", "USERPROFILE", "XDG_DATA_HOME", "LOCALAPPDATA"), str(folder))
    homes["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    return subprocess.run(
        [*alone(), sys.executable, "-c", WITHOUT, *words],
        env={**os.environ, **homes},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_demo_needs_no_network(tmp_path: Path) -> None:
    made = tmp_path / "made.mkv"
    words = ["sync", str(sample.picture()), "--speech", str(sample.line()), "-o", str(made)]

    ran = relip(tmp_path, *words, "--codec", "ffv1", "--audio", "dub", "--cut", "1s-2s")

    assert ran.returncode == 0, ran.stderr
    assert made.is_file()


@pytest.mark.parametrize("words", ["models", "doctor", "doctor --providers"])
def test_what_relip_tells_of_itself_needs_no_network(tmp_path: Path, words: str) -> None:
    ran = relip(tmp_path, *words.split())

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_only_fetching_asks_for_it_and_says_what_else_to_do(tmp_path: Path) -> None:
    ran = relip(tmp_path, "models", "fetch", "wav2lip", "--accept-licence")

    assert ran.returncode == 2
    assert "huggingface.co cannot be reached" in ran.stderr
    assert "relip models add" in ran.stderr
