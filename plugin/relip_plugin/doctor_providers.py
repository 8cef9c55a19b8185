"""``relip doctor --providers``: parity and speed of every provider of this machine.

Each network that is shipped or installed runs on noise, on the CPU and on each provider, with as
many threads as relip runs it with. What is found out is remembered for the jobs that come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from relip.engines import musetalk_networks, wav2lip
from relip.onnx import Verdicts
from relip.onnx.choice import tried
from relip.onnx.parity import Judge, Network, brief
from relip.onnx.provider import CPU, Provider, offered
from relip.onnx.session import RUNTIME, Runtime
from relip.onnx.verdict import Verdict
from relip_models import CATALOGUE, FURTHER, ModelName, Store
from relip_plugin.doctor import Finding

SHAPES: Final[Mapping[ModelName, Mapping[str, tuple[int, ...]]]] = {
    "speech_encoder": {"mel": (1, 80, 400)},
    "speech_head": {"features": (1, 200, 384), "phones": (1, 200, 191)},
    "speech_phones": {"waveform": (1, 64000)},
    "speech_voice": {"input": (125, 576)},
}
"""Four seconds of sound; all other networks have one size."""
THREADS: Final = {"wav2lip": wav2lip.THREADS, "musetalk": musetalk_networks.THREADS}
"""By engine; what is shipped runs with one."""


def diagnose(
    runtime: Runtime = RUNTIME, verdicts: Verdicts | None = None, store: Store | None = None
) -> Iterator[Finding]:
    """Try every network everywhere, in the order it is printed."""
    known = verdicts or Verdicts()
    providers = [provider for provider in offered(runtime.registered()) if provider is not CPU]
    yield Finding("onnxruntime", "version", runtime.version.split(" ")[0])
    names = ", ".join(provider.name for provider in [*providers, CPU])
    yield Finding("onnxruntime", "providers", names)
    for provider in providers:
        yield Finding(provider.name, "device", runtime.device(provider))
    for name, network, threads in _networks(store or Store()):
        judge = Judge(network, runtime, threads)
        try:
            seconds = judge.cpu_seconds()
        except Exception as error:  # onnxruntime raises its own classes, none of them public
            yield Finding("cpu", name, f"does not run ({brief(error)})", "relip models shows why")
            continue
        yield Finding("cpu", name, _milliseconds(seconds))
        for provider in providers:
            known.forget(judge.subject(provider))
            verdict, _ = tried(judge, provider, known)
            yield Finding(provider.name, name, _told(judge, provider, verdict))


def _networks(store: Store) -> Iterator[tuple[str, Network, int]]:
    """What each is called, the network, and the threads of its runs."""
    for model in CATALOGUE:
        yield model.name, Network(model.path, shapes=SHAPES.get(model.name, {})), 1
    for entry in FURTHER:
        here = store.find(entry.name)
        for kept in here.parts if here else ():
            path: Path = (store.folder / entry.name) / kept.file
            if path.is_file():
                name = entry.name if len(entry.parts) == 1 else f"{entry.name} {kept.part}"
                yield name, Network(path), THREADS[entry.engine]


def _told(judge: Judge, provider: Provider, verdict: Verdict) -> str:
    """What became of a trial; whatever it is, jobs go on, on the CPU if need be."""
    if verdict.outcome == "fails":
        return f"fails, the CPU is used: {verdict.why}"
    if verdict.outcome == "no-numbers":
        return "gives values that are no numbers, the CPU is used"
    if verdict.outcome == "died":
        return "took its process with it, the CPU is used"
    how = f"{verdict.difference:.1e} of at most {judge.allowance(provider):.1e}"
    if verdict.outcome == "differs":
        return f"differs by {how}, the CPU is used"
    faster = verdict.cpu_seconds / verdict.seconds
    return f"agrees, {how}; {_milliseconds(verdict.seconds)}, {faster:.2f} times as fast"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms"
