"""Execution providers: their names, what each is told, and the order in which they are tried.

DirectML's rules are those of its documentation: operators run one after another, no memory
pattern, and a session is never run by two threads at once. What is known to go wrong on it
(microsoft/DirectML#362 and #380: normalisation layers on some integrated GPUs;
microsoft/Olive#1223 and huggingface/diffusers#1083: half precision that gives no numbers) is why
:mod:`relip.onnx.parity` believes none before it agreed with the CPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from relip_job.errors import JobError

ProviderName = Literal["auto", "cpu", "cuda", "directml", "coreml", "openvino", "migraphx", "rocm"]
"""What a job may ask for; ``auto`` is the best that agrees with the CPU and is faster."""


@dataclass(frozen=True)
class Provider:
    """One execution provider.

    Attributes
    ----------
    name : what a job calls it.
    registered : what onnxruntime calls it.
    options : what it is told.
    alone : operators run one after another without memory pattern, one run at a time.
    half : networks with weights of 16 bits may be faster on it.
    needs : what a user installs to have it.
    """

    name: ProviderName
    registered: str
    needs: str
    options: dict[str, str] = field(default_factory=dict)
    alone: bool = False
    half: bool = True


CPU: Final = Provider("cpu", "CPUExecutionProvider", "", half=False)
PROVIDERS: Final = (
    Provider(
        "cuda",
        "CUDAExecutionProvider",
        "onnxruntime-gpu in place of onnxruntime, with CUDA and cuDNN, has it",
        # TF32 keeps 10 bits of a product, no more than half precision does; an exhaustive search
        # for the fastest convolution takes longer than a short clip does.
        {
            "use_tf32": "0",
            "cudnn_conv_algo_search": "HEURISTIC",
            "arena_extend_strategy": "kSameAsRequested",
        },
    ),
    Provider(
        "migraphx",
        "MIGraphXExecutionProvider",
        "AMD's build of onnxruntime for ROCm has it",
    ),
    Provider("rocm", "ROCMExecutionProvider", "onnxruntime for ROCm before 1.23 has it"),
    Provider(
        "directml",
        "DmlExecutionProvider",
        "relip on Windows has it, by onnxruntime-directml",
        # Of two graphics cards the default is the one that shows the desktop, often the slower.
        {"device_filter": "gpu", "performance_preference": "high_performance"},
        alone=True,
    ),
    Provider(
        "coreml",
        "CoreMLExecutionProvider",
        "relip on macOS has it",
        # The older format has fewer operators and always computes in half precision.
        {"ModelFormat": "MLProgram", "MLComputeUnits": "ALL"},
    ),
    Provider(
        "openvino",
        "OpenVINOExecutionProvider",
        "onnxruntime-openvino in place of onnxruntime has it",
        # What it computes in by itself depends on the machine: bfloat16 on the newest.
        {"precision": "ACCURACY", "num_of_threads": "1"},
        half=False,
    ),
)
"""Best first; the order in which ``auto`` tries them."""


def provider_named(name: ProviderName) -> Provider:
    """The provider of that name; not for ``auto``, which is a choice among them."""
    return next(entry for entry in (CPU, *PROVIDERS) if entry.name == name)


def checked_name(name: str) -> ProviderName:
    """The name, if there is such a provider.

    Raises
    ------
    JobError
        There is none.
    """
    for known in get_args(ProviderName):
        if name == known:
            found: ProviderName = known
            return found
    raise JobError(f"there is no provider {name!r}", f"choose {', '.join(get_args(ProviderName))}")


def offered(registered: Sequence[str]) -> list[Provider]:
    """Those that a build of onnxruntime has, best first, the CPU last."""
    return [entry for entry in (*PROVIDERS, CPU) if entry.registered in registered]
