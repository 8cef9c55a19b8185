import json
from math import nan

from tests.bench.__main__ import main
from tests.bench.table import Row, as_json, averages, printed, verdict

PSNR = [Row("psnr", "one", 30.0), Row("psnr", "two", 23.0)]


def test_every_clip_and_the_average_have_bars_of_their_own() -> None:
    (average,) = averages([*PSNR, Row("psnr", "three", nan)])

    assert average.value == 26.5
    assert [verdict(row) for row in [*PSNR, average]] == ["ok", "ok", "ok"]
    assert verdict(Row("psnr", "average", 25.9)) == "SHORT"
    assert verdict(Row("psnr", "four", 21.9)) == "SHORT"


def test_what_is_printed_as_the_bar_meets_it() -> None:
    assert verdict(Row("seam", "one", 1.104)) == "ok"
    assert verdict(Row("seam", "one", 1.106)) == "SHORT"
    assert verdict(Row("outside", "yuv420p", 1)) == "SHORT"


def test_what_could_not_be_measured_is_not_ok_and_not_short() -> None:
    row = Row("stillness", "one", nan, "only 2 silent frames")

    assert verdict(row) == "-"
    assert "n/a" in printed([row])
    assert json.loads(as_json([row]))[0]["value"] is None


def test_the_table_counts_what_falls_short() -> None:
    text = printed([*PSNR, Row("flicker", "one", 1.5)])

    assert "two" in text
    assert "26 dB on average" in text
    assert text.endswith("1 of 4 values fall short")


def test_unknown_names_are_refused() -> None:
    assert main(["--only", "beauty"]) == 2
    assert main(["--clips", "nobody"]) == 2
    assert main(["--markdown", "no/such/folder/page.md"]) == 2
