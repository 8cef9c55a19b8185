"""Which provider runs a network: the one that was asked for, if it agrees with the CPU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from relip.onnx.parity import Judge, Network, brief, finite, noise
from relip.onnx.provider import CPU, Provider, ProviderName, offered, provider_named
from relip.onnx.session import Runtime, Session
from relip.onnx.verdict import Verdict, Verdicts
from relip_job.events import Notice

CODE: Final = "provider"
"""Of the notices that say why the CPU does it."""
_REMEDY: Final = (
    "nothing need be done; newer drivers may help, and 'relip doctor --providers' tries it again"
)
_DEATHS: Final = 2
"""Of a process that tried a provider: it may have been ended for another reason once."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """A loaded network, what runs it, and what the editor should know of that."""

    session: Session
    provider: Provider
    notices: tuple[Notice, ...] = ()


def choose(
    network: Network,
    wanted: ProviderName,
    runtime: Runtime,
    verdicts: Verdicts,
    threads: int = 1,
) -> Chosen:
    """Load a network where it was asked for, or on the CPU, with a sentence that says why.

    ``auto`` takes the first provider that agrees with the CPU and was measured faster.
    Anything is raised that loading on the CPU raises.
    """
    notices: list[Notice] = []
    judge = Judge(network, runtime, threads)
    for provider in _candidates(wanted, runtime, notices):
        verdict, session = tried(judge, provider, verdicts)
        if verdict.agrees and wanted == "auto" and not verdict.faster:
            continue
        if verdict.agrees and session is None:
            session, verdict = _loaded(judge, provider, runtime, threads, verdict)
        if session is not None:
            return Chosen(session, provider, tuple(notices))
        notices.append(told(network, provider, verdict))
    return Chosen(runtime.open(network.path, CPU, threads), CPU, tuple(notices))


def told(network: Network, provider: Provider, verdict: Verdict) -> Notice:
    """Why a provider is not used, as a sentence."""
    name = network.path.name
    why = {
        "agrees": "",
        "differs": f"its results differ from the CPU's by {verdict.difference:.1%}",
        "no-numbers": "it gives values that are no numbers",
        "fails": f"it failed ({verdict.why})",
        "died": "the process that tried it came to an end",
    }[verdict.outcome]
    return Notice(CODE, f"{name} runs on the CPU, not on {provider.name}: {why}", remedy=_REMEDY)


def _candidates(
    wanted: ProviderName, runtime: Runtime, notices: list[Notice]
) -> Iterator[Provider]:
    if wanted == "cpu":
        return
    there = [provider for provider in offered(runtime.registered()) if provider is not CPU]
    if wanted == "auto":
        yield from there
        return
    provider = provider_named(wanted)
    if provider in there:
        yield provider
        return
    notices.append(
        Notice(
            CODE,
            f"this onnxruntime has no {wanted}; the CPU does the work",
            remedy=provider.needs,
        )
    )


def tried(judge: Judge, provider: Provider, verdicts: Verdicts) -> tuple[Verdict, Session | None]:
    """What is known of a provider, found out if nothing is; with its session in that case."""
    subject = judge.subject(provider)
    known = verdicts.find(subject)
    if known is not None and known.outcome != "died":
        return known, None
    with verdicts.trying(subject):
        known = verdicts.find(subject)  # somebody else may have tried meanwhile
        deaths = known.deaths if known is not None else 0
        if known is not None and (known.outcome != "died" or deaths >= _DEATHS):
            return known, None
        verdicts.keep(subject, Verdict("died", deaths=deaths + 1))
        try:
            verdict, session = judge.judge(provider)
        except BaseException:
            verdicts.forget(subject)
            raise
        if verdict.outcome == "fails":
            # It may have been a matter of memory; the next run tries again.
            verdicts.forget(subject)
        else:
            verdicts.keep(subject, verdict)
    return verdict, session


def _loaded(
    judge: Judge, provider: Provider, runtime: Runtime, threads: int, verdict: Verdict
) -> tuple[Session | None, Verdict]:
    """A session of a provider that agreed before, warm; none if it does not work today."""
    network = judge.network
    try:
        session = runtime.open(network.file_for(provider), provider, threads)
        found = session.run(noise(session.inputs, network.shapes))
    except Exception as error:  # drivers raise what they like
        return None, Verdict("fails", why=brief(error))
    return (session, verdict) if finite(found) else (None, Verdict("no-numbers"))
