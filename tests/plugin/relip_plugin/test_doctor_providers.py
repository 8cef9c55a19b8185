from __future__ import annotations

from pathlib import Path

import pytest

from relip.engines import wav2lip
from relip.onnx import Network as Loaded
from relip.onnx import Verdicts
from relip.onnx.parity import Judge, Network
from relip.onnx.provider import provider_named
from relip_models import CATALOGUE, Store, model
from relip_models.graph import read_graph
from relip_plugin import doctor_providers
from relip_plugin.cli import main
from relip_plugin.doctor import Finding
from relip_plugin.doctor_providers import diagnose
from tests.networks_made import Fault, FaultyRuntime, failing, fine, numberless, off

SOME = ("face_detection_near", "speech_voice")
"""Of all networks those that take the least."""


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    some = tuple(entry for entry in CATALOGUE if entry.name in SOME)
    monkeypatch.setattr(doctor_providers, "CATALOGUE", some)


def found(tmp_path: Path, fault: Fault) -> list[Finding]:
    verdicts, store = Verdicts(tmp_path / "providers"), Store(tmp_path / "models")
    return list(diagnose(FaultyRuntime(fault), verdicts, store))


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (fine, "agrees, 0.0e+00 of at most"),
        (off(0.1), "differs by 1.0e-01 of at most"),
        (numberless, "gives values that are no numbers, the CPU is used"),
        (failing, "fails, the CPU is used: 887A0005 the device was removed"),
    ],
)
def test_every_shipped_network_is_tried_on_every_provider(
    tmp_path: Path, fault: Fault, told: str
) -> None:
    findings = found(tmp_path, fault)

    values = {one.name: one.value for one in findings if one.subject == "directml"}
    assert values.keys() == {"device", *SOME}
    assert all(values[name].startswith(told) for name in SOME)
    assert all(one.fine for one in findings)


def test_what_it_finds_is_known_to_the_jobs_that_come(tmp_path: Path) -> None:
    found(tmp_path, off(0.1))
    found(tmp_path, fine)  # a newer driver, say

    judge = Judge(Network(model("face_detection_near").path), FaultyRuntime(fine))
    verdict = Verdicts(tmp_path / "providers").find(judge.subject(provider_named("directml")))
    assert verdict is not None
    assert verdict.agrees


def test_what_it_finds_of_a_users_network_is_what_its_engine_asks_for(tmp_path: Path) -> None:
    """With the engine's threads: one of the CPU's is slower than the engine will be."""
    pytest.importorskip("onnx", reason="makes the network of this test")
    from tests.core.relip.engines.wav2lip_made import saving_reference

    path = saving_reference(tmp_path / "mine.onnx")
    Store(tmp_path / "models").keep("wav2lip", "generator", read_graph(path), "own", "mine")
    found(tmp_path, off(0.1))

    known = Verdicts(tmp_path / "providers")
    runtime = FaultyRuntime(fine)
    network = Loaded(path, wav2lip.THREADS, provider="directml", runtime=runtime, verdicts=known)
    assert network.provider == "cpu"
    assert runtime.opened == [("mine.onnx", "cpu")]


def test_this_machine_tells_what_its_cpu_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert main(["doctor", "--providers"]) == 0

    told = capsys.readouterr().out
    assert "cpu" in told
    assert "speech_voice" in told
    assert " ms" in told


def test_every_network_with_free_sizes_has_a_size_to_be_tried_with() -> None:
    for entry in CATALOGUE:
        shapes = doctor_providers.SHAPES.get(entry.name, {})
        for name, shape in Loaded(entry.name).inputs.items():
            free = [size is None for size in shape]
            assert not any(free) or len(shapes[name]) == len(shape)
