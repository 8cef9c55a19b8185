from __future__ import annotations

import time
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from relip.onnx.choice import choose
from relip.onnx.parity import FULL, HALF, Judge, Network, largest_difference
from relip.onnx.provider import ProviderName, checked_name, offered, provider_named
from relip.onnx.session import RUNTIME
from relip.onnx.verdict import Subject, Verdict, Verdicts
from relip_job.errors import JobError
from relip_job.job import PROVIDERS
from tests.networks_made import (
    Fault,
    FaultyRuntime,
    FaultySession,
    failing,
    fine,
    numberless,
    off,
    write_doubling,
)

DIRECTML = provider_named("directml")


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network(write_doubling(tmp_path / "doubling.onnx"))


@pytest.fixture
def verdicts(tmp_path: Path) -> Verdicts:
    return Verdicts(tmp_path / "providers")


def chosen(
    network: Network, fault: Fault, verdicts: Verdicts, wanted: ProviderName = "directml"
) -> tuple[str, list[str], list[tuple[str, str]]]:
    runtime = FaultyRuntime(fault)
    found = choose(network, wanted, runtime, verdicts)
    return found.provider.name, [notice.message for notice in found.notices], runtime.opened


def test_a_verdict_is_found_out_once(network: Network, verdicts: Verdicts) -> None:
    first = chosen(network, fine, verdicts)
    second = chosen(network, fine, verdicts)

    assert first == ("directml", [], [("doubling.onnx", "cpu"), ("doubling.onnx", "directml")])
    assert second == ("directml", [], [("doubling.onnx", "directml")])


def test_more_threads_of_the_cpu_ask_for_a_verdict_of_their_own(network: Network) -> None:
    """A provider faster than one thread may be slower than eight."""
    one, eight = (Judge(network, FaultyRuntime(fine), threads) for threads in (1, 8))

    assert one.subject(DIRECTML) != eight.subject(DIRECTML)


@pytest.mark.parametrize("fault", [off(0.01), numberless])
def test_a_provider_that_was_wrong_is_not_asked_again(
    network: Network, verdicts: Verdicts, fault: Fault
) -> None:
    first = chosen(network, fault, verdicts)
    second = chosen(network, fine, verdicts)

    assert second[:2] == first[:2]
    assert first[0] == "cpu"
    assert ("doubling.onnx", "directml") not in second[2]


def test_a_provider_that_failed_is_asked_again_next_time(
    network: Network, verdicts: Verdicts
) -> None:
    assert chosen(network, failing, verdicts)[0] == "cpu"
    assert chosen(network, fine, verdicts)[0] == "directml"


def test_another_network_device_or_onnxruntime_asks_for_a_new_verdict(
    network: Network, tmp_path: Path
) -> None:
    runtime = FaultyRuntime(fine)
    subject = Judge(network, runtime).subject(DIRECTML)
    newer = FaultyRuntime(fine)
    newer.version = "1.1"
    other = Network(write_doubling(tmp_path / "other.onnx", first=1))

    assert subject != Judge(network, newer).subject(DIRECTML)
    assert subject != Judge(other, runtime).subject(DIRECTML)
    assert subject != Judge(network, runtime).subject(provider_named("cuda"))
    assert subject == Judge(network, FaultyRuntime(fine)).subject(DIRECTML)


def test_weights_in_a_file_beside_it_are_part_of_a_network(tmp_path: Path) -> None:
    network = Network(write_doubling(tmp_path / "net.onnx", beside="net.weights"))
    runtime = FaultyRuntime(fine)
    before = Judge(network, runtime).subject(DIRECTML)
    weights = tmp_path / "net.weights"
    weights.write_bytes(np.full(3, 3, "f4").tobytes())

    assert Judge(network, runtime).subject(DIRECTML) != before


def test_what_worked_once_and_does_not_today_leaves_it_to_the_cpu(
    network: Network, verdicts: Verdicts
) -> None:
    chosen(network, fine, verdicts)

    provider, messages, _ = chosen(network, failing, verdicts)

    assert provider == "cpu"
    assert "it failed (887A0005 the device was removed)" in messages[0]


def test_a_driver_that_takes_the_process_with_it_is_tried_twice(
    network: Network, verdicts: Verdicts
) -> None:
    subject = Judge(network, FaultyRuntime(fine)).subject(DIRECTML)

    verdicts.keep(subject, Verdict("died", deaths=2))
    provider, (message,), _ = chosen(network, fine, verdicts)
    assert provider == "cpu"
    assert message.endswith("the process that tried it came to an end")

    verdicts.keep(subject, Verdict("died", deaths=1))
    assert chosen(network, fine, verdicts)[0] == "directml"


def test_a_cancelled_trial_is_no_death(network: Network, verdicts: Verdicts) -> None:
    def cancelled(session: FaultySession, inputs: object) -> dict[str, object]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        chosen(network, cancelled, verdicts)  # type: ignore[arg-type]  # it never returns

    assert verdicts.find(Judge(network, FaultyRuntime(fine)).subject(DIRECTML)) is None


def test_auto_takes_what_agrees_and_is_faster(network: Network, verdicts: Verdicts) -> None:
    def slow(session: FaultySession, inputs: object) -> dict[str, object]:
        time.sleep(0.005)
        return session.right(inputs)  # type: ignore[arg-type, return-value]

    subject = Judge(network, FaultyRuntime(fine)).subject(DIRECTML)

    provider, messages, _ = chosen(network, slow, verdicts, "auto")  # type: ignore[arg-type]
    assert (provider, messages) == ("cpu", [])
    verdicts.keep(subject, Verdict("agrees", seconds=0.001, cpu_seconds=0.002))
    assert chosen(network, fine, verdicts, "auto")[:2] == ("directml", [])
    verdicts.keep(subject, Verdict("differs", difference=0.5))
    provider, messages, _ = chosen(network, fine, verdicts, "auto")
    assert provider == "cpu"
    assert "differ from the CPU's by 50.0%" in messages[0]


def test_a_provider_that_is_not_there_is_said_to_be_missing(
    network: Network, verdicts: Verdicts
) -> None:
    provider, messages, _ = chosen(network, fine, verdicts, "cuda")

    assert provider == "cpu"
    assert messages == ["this onnxruntime has no cuda; the CPU does the work"]


def test_half_precision_is_taken_where_it_agrees_with_full(tmp_path: Path) -> None:
    full = write_doubling(tmp_path / "full.onnx")
    half = write_doubling(tmp_path / "half.onnx", kind="f2")
    network = Network(full, half)
    runtime = FaultyRuntime(off(0.003))
    judge = Judge(network, runtime)

    assert judge.allowance(DIRECTML) == HALF
    assert Judge(Network(full), runtime).allowance(DIRECTML) == FULL
    assert judge.judge(DIRECTML)[0].agrees
    assert runtime.opened == [("full.onnx", "cpu"), ("half.onnx", "directml")]
    assert not Judge(network, FaultyRuntime(off(0.005))).judge(DIRECTML)[0].agrees
    assert not Judge(Network(full), runtime).judge(DIRECTML)[0].agrees


def test_differences_are_shares_of_the_largest_value_of_the_same_output() -> None:
    a = {"y": np.array([0, 10], "f4"), "z": np.array([1], "f4")}

    assert largest_difference(a, a) == 0
    assert largest_difference(a, {**a, "y": np.array([1, 10], "f4")}) == pytest.approx(0.1)
    assert largest_difference(a, {**a, "z": np.array([1.5], "f4")}) == pytest.approx(0.5)
    assert largest_difference(a, {"y": a["y"]}) == np.inf
    endless = {"y": np.array([-np.inf, 1], "f4")}
    assert largest_difference(endless, endless) == 0


def test_verdicts_that_cannot_be_read_or_written_are_found_out_again(tmp_path: Path) -> None:
    subject = Subject("0", "cuda", "a device", "1", "")
    verdicts = Verdicts(tmp_path)
    verdicts.keep(subject, Verdict("agrees"))
    (kept,) = tmp_path.iterdir()

    assert verdicts.find(subject) == Verdict("agrees")
    for damaged in ("", "{}", '{"subject": 1, "verdict": []}', "[1]"):
        kept.write_text(damaged, "utf-8")
        assert verdicts.find(subject) is None
    nowhere = Verdicts(kept / "below a file")
    nowhere.keep(subject, Verdict("agrees"))
    assert nowhere.find(subject) is None
    with nowhere.trying(subject):
        pass


def test_providers_are_offered_best_first_and_the_cpu_last() -> None:
    names = ["CPUExecutionProvider", "AzureExecutionProvider", "DmlExecutionProvider"]

    assert [provider.name for provider in offered(names)] == ["directml", "cpu"]
    assert [provider.name for provider in offered(RUNTIME.registered())][-1] == "cpu"


def test_a_job_may_ask_for_every_provider_and_for_no_other() -> None:
    assert get_args(ProviderName) == PROVIDERS
    for name in PROVIDERS[1:]:
        assert provider_named(checked_name(name)).name == name


def test_only_known_providers_have_names() -> None:
    assert checked_name("directml") == "directml"
    with pytest.raises(JobError, match="choose auto, cpu, cuda, directml"):
        checked_name("gpu")


def test_directml_runs_in_sequence_without_memory_pattern_and_alone() -> None:
    assert DIRECTML.alone
    assert not any(offer.alone for offer in offered(RUNTIME.registered()) if offer is not DIRECTML)
