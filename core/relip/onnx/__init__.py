"""Running networks: everything about onnxruntime and its execution providers.

:class:`Network` is what the rest of relip uses. Below it: :mod:`relip.onnx.session` wraps
onnxruntime, :mod:`relip.onnx.provider` is the table of providers, :mod:`relip.onnx.parity`
compares them with the CPU, :mod:`relip.onnx.verdict` remembers that, :mod:`relip.onnx.choice`
chooses, :mod:`relip.onnx.batches` says how many at once.
"""

from relip.onnx.batches import fitting
from relip.onnx.network import Network
from relip.onnx.provider import ProviderName, checked_name
from relip.onnx.session import RUNTIME
from relip.onnx.verdict import Verdicts

__all__ = ["Network", "ProviderName", "Verdicts", "checked_name", "fitting", "providers"]


def providers() -> list[str]:
    """Execution providers this installation of onnxruntime offers, best first."""
    return RUNTIME.registered()
