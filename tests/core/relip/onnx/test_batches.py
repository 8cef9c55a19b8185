from __future__ import annotations

from relip.onnx.batches import fitting, free_memory


def test_as_many_fit_as_a_quarter_of_free_memory_holds() -> None:
    assert fitting(100, most=8, free=2000) == 5
    assert fitting(100, most=4, free=2000) == 4
    assert fitting(100, most=8, free=10) == 1
    assert fitting(0, most=8, free=10) >= 1


def test_this_machine_has_memory() -> None:
    assert free_memory() > 1 << 20
