"""Which engine draws, what runs its networks, and what an editor reads of that."""

from __future__ import annotations

from typing import Any

import pytest

bpy = pytest.importorskip("bpy", reason="this Python has no bpy; .ci/blender runs this")

from blender_addon.relip import options, panel  # noqa: E402 (needs bpy)


class Written:
    """A layout that remembers the words in it."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def box(self) -> Written:
        return self

    def column(self, align: bool) -> Written:
        return self

    def label(self, text: str, icon: str, translate: bool) -> None:
        self.lines.append(text)


def test_the_engine_and_what_runs_its_networks_reach_the_job(blender: None) -> None:
    scene = bpy.context.scene
    chosen = options.options_of(scene)
    assert options.choice_of(scene, (2,)).provider == "auto"

    chosen.engine, chosen.provider = "musetalk", "directml"

    choice = options.choice_of(scene, (2,))
    assert (choice.engine, choice.provider) == ("musetalk", "directml")


@pytest.mark.parametrize(("engine", "said"), [("wav2lip", "sold"), ("musetalk", "OpenRAIL")])
def test_the_panel_says_what_a_licence_comes_to_in_short_lines(
    blender: None, engine: str, said: str
) -> None:
    layout: Any = Written()

    panel.draw_licence(layout, engine)

    assert said in " ".join(layout.lines)
    assert all(len(line) <= panel.LINE for line in layout.lines)
