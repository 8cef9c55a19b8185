"""What editors read of engines and of what runs their networks, before they choose."""

from __future__ import annotations

LICENCES = {
    "wav2lip": "What you make with it may not be sold, broadcast or used for a client.",
    "musetalk": (
        "You may use it commercially, but not for what the OpenRAIL list forbids, such as harming "
        "or deceiving people."
    ),
}
"""By engine, what the licence of the published networks it draws with comes to."""
PROVIDER_WORDS = {
    "auto": "What is fastest here",
    "cpu": "The processor",
    "cuda": "CUDA, on NVIDIA's cards",
    "directml": "DirectML, on Windows",
    "coreml": "CoreML, on a Mac",
    "openvino": "OpenVINO, on Intel's",
    "migraphx": "MIGraphX, on AMD's cards",
    "rocm": "ROCm, on AMD's cards",
}
"""By provider, as in ``relip_job.job.PROVIDERS``."""


def draws_with_networks(engine: str) -> bool:
    """Whether an engine draws with networks that the user adds, and a provider matters to it."""
    return engine in LICENCES
