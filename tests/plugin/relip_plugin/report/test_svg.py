from __future__ import annotations

import pytest

from relip_plugin.report.svg import inlined


def drawn(inside: str) -> str:
    """What becomes of a drawing, as matplotlib writes it."""
    written = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inside}</svg>'
    return inlined(written.encode(), "row0")


@pytest.mark.parametrize(
    ("way", "short"),
    [
        ("M 1 2 \nL 3 4 \nL 5 6 \n", "M1 2 3 4 5 6"),
        ("M 1 2 \nL 1 4 \nL 3 4 \nL 3 2 \nz\n", "M1 2V4H3V2z"),
        ("M 1 2 \nL 1 4 \nL 3 5 \nz\nM 7 8 \nL 9 9 \n", "M1 2V4L3 5zM7 8 9 9"),
        ("M 1.26 2 \nL 1.23 -0.04 \n", "M1.3 2 1.2 -0"),
        ("M 1 2 \nC 1 4 3 4 5 6 \nz\n", "M 1 2 C 1 4 3 4 5 6 z"),
    ],
)
def test_outlines_are_told_in_few_letters(way: str, short: str) -> None:
    assert f' d="{short}"' in drawn(f'<path d="{way}"/>')


def test_what_is_not_seen_is_left_out() -> None:
    made = drawn('\n <g>\n  <g/>\n  <g id="x"/>\n  <path d="M 0 0"/>\n </g>\n')

    assert made == '<svg viewBox="0 0 9 9" stroke-linejoin="round"><g><path d="M0 0" /></g></svg>'


def test_text_takes_the_letters_of_the_page() -> None:
    style = (
        "font-size: 11px; font-family: 'DejaVu Sans', sans-serif; text-anchor: end; fill: #010201"
    )

    made = drawn(f'<text style="{style}" x="84" transform="rotate(-0 84 55.8)">voice</text>')

    assert '<text style="font-size: 11px; text-anchor: end; fill: var(--ink)" x="84">' in made
