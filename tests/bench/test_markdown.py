from math import nan

from tests.bench import machine
from tests.bench.markdown import as_markdown
from tests.bench.table import Row, printed, verdict

ROWS = [
    Row("peers", "decode + encode", 1.0, "", {"frames/s": 25.04, "MiB": 106.2}),
    Row("peers", "a network", nan, "a|b", {"GFLOP/frame": 622.2}),
    Row("seam", "sample", 1.05),
]


def test_a_page_says_on_what_it_was_measured() -> None:
    page = as_markdown(ROWS, "python -m tests.bench --only peers", machine.described())

    for name in ("date", "processor", "memory", "load average", "Python", "onnxruntime"):
        assert f"| {name}" in page
    assert "    python -m tests.bench --only peers\n" in page


def test_each_figure_has_a_table_with_the_columns_it_fills() -> None:
    lines = as_markdown(ROWS, "", {}).splitlines()

    assert "|  | value | frames/s | MiB | GFLOP/frame | note |" in lines
    assert "| decode + encode | 1.00 x | 25 | 106 |  |  |" in lines
    assert r"| a network | n/a |  |  | 622 | a\|b |" in lines
    assert "|  | value | bar: at most 1.10 |" in lines
    assert "| sample | 1.05 | ok |" in lines


def test_what_has_no_bar_is_neither_ok_nor_short_nor_averaged() -> None:
    assert verdict(ROWS[0]) == "-"
    assert "average" not in printed([ROWS[0], ROWS[0]])
    assert "25 frames/s, 106 MiB" in printed(ROWS)
