"""A driver that takes its process with it, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.networks_made import write_doubling

TRY = """
import os, sys, time
from pathlib import Path
from relip.onnx import Network, Verdicts
from tests.networks_made import FaultyRuntime, fine

def slow(session, inputs):
    time.sleep(0.3)
    return session.right(inputs)

fault = {"dies": lambda session, inputs: os._exit(7), "slow": slow, "fine": fine}[sys.argv[1]]
runtime = FaultyRuntime(fault)
verdicts = Verdicts(Path(sys.argv[3]))
network = Network(Path(sys.argv[2]), provider="directml", runtime=runtime, verdicts=verdicts)
print(network.provider, len(runtime.opened), *(notice.message for notice in network.take_notices()))
"""


def trying(fault: str, network: Path) -> subprocess.Popen[str]:
    folders = os.pathsep.join(path for path in sys.path if path)
    return subprocess.Popen(
        [sys.executable, "-c", TRY, fault, str(network), str(network.parent / "providers")],
        env={**os.environ, "PYTHONPATH": folders},
        stdout=subprocess.PIPE,
        text=True,
    )


def told(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate()
    return process.returncode, said


def test_a_driver_that_kills_twice_is_not_tried_a_third_time(tmp_path: Path) -> None:
    network = write_doubling(tmp_path / "net.onnx")

    assert told(trying("dies", network))[0] == 7
    assert told(trying("dies", network))[0] == 7
    code, said = told(trying("dies", network))

    assert code == 0
    assert said.startswith("cpu 1 net.onnx runs on the CPU, not on directml")
    assert "came to an end" in said


def test_processes_that_start_together_try_it_once(tmp_path: Path) -> None:
    network = write_doubling(tmp_path / "net.onnx")

    both = [trying("slow", network) for _ in range(2)]
    opened = sorted(told(process)[1].split()[:2] for process in both)

    # Who tries opens it on the CPU, too; who comes second knows already.
    assert opened == [["directml", "1"], ["directml", "2"]]
