import json
from math import nan
from pathlib import Path

import pytest

from tests.bench_speech.__main__ import main
from tests.bench_speech.bars import BARS, WITH_TRANSCRIPT, bars, missed, verdict
from tests.bench_speech.clock import Agreement, Block, Clock, Timing
from tests.bench_speech.labelled_made import labelled_line
from tests.bench_speech.measure import Cost, Row
from tests.bench_speech.mouth import Foretold
from tests.bench_speech.openings import Opened
from tests.bench_speech.rates import Read
from tests.bench_speech.scoring import Score, Tally
from tests.bench_speech.stillness import Still
from tests.bench_speech.table import Results, as_json, as_markdown, printed
from tests.bench_speech.utterances import LabelledSet

SPOKEN = LabelledSet("en_real", "real", "all", ())
GOOD = Score(Tally(100, 100, 98, (0.004,) * 98), Tally(20, 20, 20), 90, 100, 60.0, 0.6, 5)
LATE = Score(Tally(100, 100, 98, (0.006,) * 98), Tally(20, 20, 20), 81, 100, 60.0, 0.6, 5)
SAME = Tally(9, 9, 9, (0.0,) * 9)
RESULTS = Results(
    (
        Row("ours", "clean", SPOKEN, LATE),
        Row("ours", "noise", SPOKEN, LATE),
        Row("ours", "shout", SPOKEN, GOOD),
        Row("hama", "clean", SPOKEN, note="not installed (pip install hama==1.7.0)"),
    ),
    (Cost("ours", 120, 0.015), Cost("hama", nan, nan, "not installed")),
    (Still("chords", 0.1, 0, 0),),
    (Opened("ha-ha", 0.5, 0.31, 0.62, 1, 0), Opened("silent.wav", nan, note="nothing sounds")),
    Clock(
        1200,
        (Timing("de", 3, LATE.closures, GOOD.dentals),),
        (Block(0, 10, GOOD.closures, GOOD.closures), Block(10, 20, GOOD.closures, SAME)),
        (Agreement("elsewhere", 10, 7, 2, 1, 0, 10.0),),
    ),
    (Read(44_100, 0.0, 40.0, 0, -90.0, 8, 0, 0.1, 5.0),),
    (Foretold("one", 0.5, 0.9, 100, 0.04), Foretold("two", nan, note="too few frames")),
)


def test_all_bars_are_held_against_clean_speech() -> None:
    assert missed(GOOD, BARS["real"], "clean") == ()
    assert missed(LATE, BARS["real"], "clean") == ("accuracy", "bias")
    assert missed(GOOD, WITH_TRANSCRIPT, "clean") == ("p/b/m recall", "p/b/m precision")


def test_worse_sound_has_lower_bars_and_none_for_accuracy_and_times() -> None:
    lower = bars("ours", "unseen", "noise")

    assert lower is not None
    assert (lower.closure_recall, lower.dental_precision) == pytest.approx((0.85, 0.72))
    assert verdict(LATE, lower, "noise") == "met"


def test_others_are_not_judged() -> None:
    assert bars("hama", "real", "clean") is None
    assert bars("ours", "real", "shout") is None
    assert verdict(LATE, None, "clean") == ""


def test_the_table_says_what_is_short_and_what_is_not_installed() -> None:
    text = printed(RESULTS)

    assert "short: accuracy, bias" in text
    assert "pip install hama" in text
    assert "too few frames" in text
    assert ".980 (98/100, 0.93 to 0.99)" in text


def test_laughs_clock_and_rates_are_shown_everywhere() -> None:
    found = json.loads(as_json(RESULTS, {}, ""))

    for text in (printed(RESULTS), as_markdown(RESULTS, "", "", {})):
        for told in ("nothing sounds", "10 to 20", "short: drift", "44100 Hz", "short: time", "de"):
            assert told in text
    assert found["openings"][0]["opening"] == 0.31
    assert found["clock"]["languages"][0]["closures"]["bias_ms"] == 6
    assert [block["verdict"] for block in found["clock"]["blocks"]] == ["short: drift", "met"]
    assert found["rates"][0]["verdict"] == "short: time"
    assert RESULTS.short


def test_programs_get_null_for_what_could_not_be_measured() -> None:
    found = json.loads(as_json(RESULTS, {"date": "today"}, "a try"))

    assert found["mouth"][1]["correlation"] is None
    assert found["speech"][0]["closures"]["recall"] == 0.98
    assert found["speech"][3]["accuracy"] is None


def test_the_page_says_how_to_renew_it() -> None:
    page = as_markdown(RESULTS, "python -m tests.bench_speech", "Before.", {"date": "today"})

    assert "    python -m tests.bench_speech" in page
    assert "**Before.**" in page
    assert "| en_real | ours |" in page


def test_a_set_is_measured_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RELIP_SPEECH", str(labelled_line(tmp_path / "speech")))
    file = tmp_path / "found.json"

    main(["--only", "clean", "--json", str(file), "--markdown", str(tmp_path / "page.md")])
    found = json.loads(file.read_text("utf-8"))

    assert "en_sample" in capsys.readouterr().out
    (ours,) = [row for row in found["speech"] if row["system"] == "ours"]
    assert ours["closures"]["recall"] >= 0.7
    assert ours["accuracy"] > 0.6
    assert "en_sample" in (tmp_path / "page.md").read_text("utf-8")


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    assert main(["--only", "beauty"]) == 2
    assert main(["--sets", "nobody"]) == 2
    assert main(["--markdown", "no/such/folder/page.md"]) == 2
    assert main(["--corpus", str(tmp_path)]) == 2
