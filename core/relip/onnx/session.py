"""Sessions of onnxruntime: the one module that imports it."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from threading import Lock
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

# onnxruntime 1.32 numbers the machine and reports its use to Microsoft, unless it is told not to
# before it is loaded. Nothing leaves an editor's machine.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

from relip.onnx.provider import CPU, Provider

onnxruntime.disable_telemetry_events()  # what Windows collects by itself
# What it says of providers that cannot be loaded is for their builders; ours is a notice.
onnxruntime.set_default_logger_severity(4)

Arrays = dict[str, NDArray[np.float32]]
_KINDS: Final = {
    "tensor(float)": "f4",
    "tensor(float16)": "f2",
    "tensor(double)": "f8",
    "tensor(int32)": "i4",
    "tensor(int64)": "i8",
}


@dataclass(frozen=True)
class Port:
    """An input or an output: ``kind`` is a NumPy type, ``shape`` has None for a free size."""

    name: str
    shape: tuple[int | None, ...]
    kind: str = "f4"


class Session(Protocol):
    """A network that is loaded."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Outputs by name. What it raises is not ours."""
        ...


class Runtime(Protocol):
    """What loads networks; tests have one that errs."""

    @property
    def version(self) -> str:
        """Its version, with the build's name."""
        ...

    def registered(self) -> list[str]:
        """Execution providers of this build, by onnxruntime's names."""
        ...

    def device(self, provider: Provider) -> str:
        """What the provider computes on, as far as it can be told."""
        ...

    def open(self, path: Path, provider: Provider = CPU, threads: int = 1) -> Session:
        """Load a network. What it raises is not ours."""
        ...


class NotTaken(RuntimeError):
    """onnxruntime went on without the provider it was told to use."""


class _Loaded:
    """A session of onnxruntime."""

    def __init__(self, session: Any, alone: bool) -> None:
        self._session = session
        self._one_at_a_time = Lock() if alone else None
        self.inputs = tuple(_port(put) for put in session.get_inputs())
        self.outputs = tuple(_port(put) for put in session.get_outputs())
        self._names = [port.name for port in self.outputs]

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Outputs by name."""
        if self._one_at_a_time is None:
            values = self._session.run(None, dict(inputs))
        else:
            with self._one_at_a_time:
                values = self._session.run(None, dict(inputs))
        return dict(zip(self._names, values, strict=True))


class Onnxruntime:
    """The installed onnxruntime."""

    version: str = f"{onnxruntime.__version__} {onnxruntime.get_build_info()[:200]}"

    def registered(self) -> list[str]:
        """Execution providers of this build, by onnxruntime's names."""
        found: list[str] = onnxruntime.get_available_providers()
        return found

    def device(self, provider: Provider) -> str:
        """The devices that onnxruntime sees for it, and the machine and system they are in."""
        listed: list[str] = []
        try:
            # onnxruntime before 1.22 does not list them; then it is the machine that counts.
            for device in getattr(onnxruntime, "get_ep_devices", list)():
                if device.ep_name == provider.registered:
                    about = device.device
                    told = [about.vendor, f"{about.vendor_id:x}:{about.device_id:x}"]
                    told += [f"{key}={value}" for key, value in sorted(about.metadata.items())]
                    listed.append(" ".join(told))
        except Exception as error:  # drivers raise what they like
            listed.append(type(error).__name__)
        return "; ".join([*listed, platform.node(), platform.platform(), platform.processor()])

    def open(self, path: Path, provider: Provider = CPU, threads: int = 1) -> Session:
        """Load a network."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        chosen: list[tuple[str, dict[str, str]]] = [(CPU.registered, {})]
        if provider is not CPU:
            _load_libraries(provider)
            options.log_severity_level = 4  # what it may complain about becomes a notice
            chosen.insert(0, (provider.registered, _options(provider, threads)))
        if provider.alone:
            options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
            options.enable_mem_pattern = False
        # By itself it goes on without a provider that fails, when it is loaded or runs, and
        # prints so where a worker's events are expected.
        session = onnxruntime.InferenceSession(
            str(path), options, providers=chosen, enable_fallback=0
        )
        if provider.registered not in session.get_providers():
            raise NotTaken(f"onnxruntime could not load its {provider.name} provider")
        return _Loaded(session, provider.alone)


def _load_libraries(provider: Provider) -> None:
    """CUDA and cuDNN as pip installs them: by itself onnxruntime does not look there."""
    load = getattr(onnxruntime, "preload_dlls", None)  # since 1.21
    if provider.name == "cuda" and load is not None:
        # What is missing it prints where a worker's events are expected.
        with redirect_stdout(StringIO()):
            load()


def _options(provider: Provider, threads: int) -> dict[str, str]:
    """What the provider is told, its threads bounded as ours."""
    told = dict(provider.options)
    if "num_of_threads" in told:
        told["num_of_threads"] = str(threads)
    return told


def _port(put: Any) -> Port:
    shape = tuple(size if isinstance(size, int) else None for size in put.shape)
    return Port(put.name, shape, _KINDS.get(put.type, put.type))


RUNTIME: Final = Onnxruntime()
