from __future__ import annotations

import struct

import numpy as np
import pytest

from scripts.speech.tensor_files import ctranslate2_tensors, hama_tensors

HALVES = np.arange(6, dtype=np.float16).reshape(2, 3)
COUNT = np.int16(6)


def test_variables_of_ctranslate2_are_read() -> None:
    def text(value: str) -> bytes:
        return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"

    content = struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, 2)
    content += text("weight") + struct.pack("<BIIBI", 2, 2, 3, 4, 12) + HALVES.tobytes()
    content += text("heads") + struct.pack("<BBI", 0, 2, 2) + COUNT.tobytes()
    content += struct.pack("<I", 0)

    found = ctranslate2_tensors(content)

    assert list(found) == ["weight", "heads"]
    assert found["weight"].dtype == np.float16
    np.testing.assert_array_equal(found["weight"], HALVES)
    assert int(found["heads"]) == 6


def test_another_version_of_ctranslate2_is_refused() -> None:
    with pytest.raises(ValueError, match="version 7, not 6"):
        ctranslate2_tensors(struct.pack("<I", 7))


def test_tensors_of_hama_are_read_from_the_next_16_bytes() -> None:
    content = b"HAMAPK\x01\x02" + struct.pack("<I", 1)
    content += struct.pack("<H", 1) + b"w" + struct.pack("<BBIIQQ", 1, 2, 2, 3, 4, 12)
    content += bytes(-len(content) % 16) + bytes(4) + HALVES.tobytes()

    found = hama_tensors(content)

    assert list(found) == ["w"]
    np.testing.assert_array_equal(found["w"], HALVES)


def test_a_file_of_another_kind_is_no_hama_file() -> None:
    with pytest.raises(ValueError, match=r"not a \.hama file"):
        hama_tensors(bytes(64))
