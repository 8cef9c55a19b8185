import io

from relip_job import Notice, Progress
from relip_plugin.progress import ProgressDisplay, bar_line, clock, notice_line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class OldConsole(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def test_clock_shows_hours_only_when_there_are_any() -> None:
    assert [clock(s) for s in (0, 65.4, 3665)] == ["0:00", "1:05", "1:01:05"]


def test_the_bar_shows_stage_share_and_time_left() -> None:
    line = bar_line(Progress("draw", 50, 100, 12.2), 80, "#-")

    assert line.startswith("drawing")
    assert line.count("#") == line.count("-") > 0
    assert line.endswith("50 %  0:12 left")


def test_the_bar_never_wraps() -> None:
    for columns in range(1, 120):
        assert len(bar_line(Progress("track", 999, 1000, 4000.0), columns, "#-")) <= columns


def test_without_a_terminal_there_is_one_line_per_stage() -> None:
    stream = io.StringIO()
    display = ProgressDisplay(stream)

    for stage in ("probe", "track"):
        for done in range(5):
            display.progress(Progress(stage, done, 4))
    display.end()

    assert stream.getvalue() == "reading the clip\nfollowing the face\n"


def test_a_notice_does_not_land_in_the_bar() -> None:
    stream = Terminal()
    display = ProgressDisplay(stream)

    display.progress(Progress("draw", 1, 4, 3.0))
    display.notice(Notice("occluded", "a hand covers the mouth", 2.0, 3.0))

    assert stream.getvalue().endswith("\nnote (0:02 to 0:03): a hand covers the mouth\n")


def test_a_console_without_block_characters_gets_ascii() -> None:
    raw = io.BytesIO()
    console = OldConsole(raw, encoding="ascii")

    ProgressDisplay(console).progress(Progress("draw", 2, 4))
    console.flush()

    assert b"##" in raw.getvalue()


def test_a_notice_without_a_time_is_just_said() -> None:
    assert notice_line(Notice("few_mouths", "the mouth hardly opens")) == (
        "note: the mouth hardly opens"
    )
