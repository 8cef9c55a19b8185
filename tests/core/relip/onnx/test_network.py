from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from relip.onnx import Network, Verdicts
from relip.onnx.session import RUNTIME
from relip_job.errors import ModelError
from tests.networks_made import (
    Fault,
    FaultyRuntime,
    after,
    failing,
    fine,
    narrow,
    numberless,
    off,
    write_doubling,
)

X = np.arange(12, dtype=np.float32).reshape(4, 3)
TRIAL = 7
"""Runs of the session that was tried: one to compare, at most five to time, one to spare."""


@pytest.fixture
def verdicts(tmp_path: Path) -> Verdicts:
    return Verdicts(tmp_path / "providers")


def opened(tmp_path: Path, fault: Fault, verdicts: Verdicts) -> Network:
    path = write_doubling(tmp_path / "doubling.onnx")
    runtime = FaultyRuntime(fault)
    return Network(path, provider="directml", runtime=runtime, verdicts=verdicts)


def test_a_provider_that_agrees_is_used(tmp_path: Path, verdicts: Verdicts) -> None:
    network = opened(tmp_path, fine, verdicts)

    assert network.provider == "directml"
    assert network.take_notices() == ()
    assert np.array_equal(network.run({"x": X})["y"], 2 * X)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (off(0.002), "its results differ from the CPU's by 0.2%"),
        (numberless, "it gives values that are no numbers"),
        (failing, "it failed (887A0005 the device was removed)"),
    ],
)
def test_a_provider_that_is_wrong_leaves_it_to_the_cpu_with_a_sentence(
    tmp_path: Path, verdicts: Verdicts, fault: Fault, why: str
) -> None:
    network = opened(tmp_path, fault, verdicts)

    assert network.provider == "cpu"
    (notice,) = network.take_notices()
    assert notice.code == "provider"
    assert notice.message == f"doubling.onnx runs on the CPU, not on directml: {why}"
    assert notice.remedy
    assert np.array_equal(network.run({"x": X})["y"], 2 * X)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (failing, "it failed (887A0005 the device was removed)"),
        (numberless, "it gave values that are no numbers"),
    ],
)
def test_a_provider_that_dies_half_way_is_given_up_and_nothing_is_lost(
    tmp_path: Path, verdicts: Verdicts, fault: Fault, why: str
) -> None:
    network = opened(tmp_path, after(TRIAL, fault), verdicts)

    given = [network.run({"x": X + turn})["y"] for turn in range(4)]

    assert all(np.array_equal(y, 2 * (X + turn)) for turn, y in enumerate(given))
    assert network.provider == "cpu"
    (notice,) = network.take_notices()
    expected = f"directml is given up for doubling.onnx: {why}; the CPU does the rest"
    assert notice.message == expected
    assert network.take_notices() == ()


def test_no_numbers_are_no_fault_where_the_cpu_has_none_either(
    tmp_path: Path, verdicts: Verdicts
) -> None:
    network = opened(tmp_path, fine, verdicts)

    for _ in range(2):
        assert np.isnan(network.run({"x": X * np.float32("nan")})["y"]).all()

    assert network.provider == "directml"
    assert network.take_notices() == ()


def test_many_are_as_one_at_a_time(tmp_path: Path, verdicts: Verdicts) -> None:
    one = Network(write_doubling(tmp_path / "one.onnx", first=1))
    many = opened(tmp_path, fine, verdicts)

    assert np.array_equal(one.run_many({"x": X})["y"], 2 * X)
    assert np.array_equal(many.run_many({"x": X}, most=3)["y"], 2 * X)


def test_a_provider_without_memory_is_given_fewer_at_once(
    tmp_path: Path, verdicts: Verdicts
) -> None:
    network = opened(tmp_path, narrow(1), verdicts)

    for _ in range(2):
        assert np.array_equal(network.run_many({"x": X}, most=4)["y"], 2 * X)

    assert network.provider == "directml"


@pytest.mark.parametrize("fault", [failing, numberless])
def test_a_provider_that_dies_among_many_is_given_up(
    tmp_path: Path, verdicts: Verdicts, fault: Fault
) -> None:
    network = opened(tmp_path, after(TRIAL, fault), verdicts)

    given = [network.run_many({"x": X}, most=2)["y"] for _ in range(4)]

    assert all(np.array_equal(y, 2 * X) for y in given)
    assert network.provider == "cpu"
    assert len(network.take_notices()) == 1


def test_the_cpu_leaves_no_trace(tmp_path: Path) -> None:
    path = write_doubling(tmp_path / "doubling.onnx")

    network = Network(path, verdicts=Verdicts(tmp_path / "providers"))

    assert network.provider == "cpu"
    assert network.inputs == {"x": (None, 3)}
    assert network.outputs == {"y": (None, 3)}
    assert not (tmp_path / "providers").exists()


def test_a_file_that_is_no_network_is_refused(tmp_path: Path, verdicts: Verdicts) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(b"this is no network")

    for provider in ("cpu", "directml"):
        with pytest.raises(ModelError, match=r"net\.onnx cannot be loaded"):
            Network(
                path,
                provider="cpu" if provider == "cpu" else "directml",
                runtime=FaultyRuntime(fine),
                verdicts=verdicts,
            )


def test_arrays_that_do_not_fit_are_refused_in_words(tmp_path: Path) -> None:
    network = Network(write_doubling(tmp_path / "doubling.onnx"), runtime=RUNTIME)

    with pytest.raises(ModelError, match=r"doubling\.onnx cannot run"):
        network.run({"x": np.zeros((4, 5), np.float32)})
