"""The fake has Resolve's methods with Resolve's arities, and nothing that Resolve has not."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.resolve_scripts import fake_resolve
from tests.resolve_scripts.api_stub import PACKAGE, Arity, Stub, calls_of, find_stub, read_stub
from tests.resolve_scripts.fake_resolve import Studio, tables
from tests.resolve_scripts.fake_resolve.bridge import RULES, Rules

SCRIPTS = Path(__file__).resolve().parents[2] / "resolve_scripts"

# What the stub lacks, and why the fake has it all the same.
NEWER = {
    "Timeline.GetSelectedClips": "21.0.4, README of 24 July 2026; the stub is of 8 May 2026",
    "MediaPoolItem.GetTimeline": "21.0.4, README of 24 July 2026; the stub is of 8 May 2026",
    "Fusion.GetResolve": "of Fusion's own API, which the stub leaves empty",
}
# Where the stub asks for less or more than Resolve does.
LOOSER = {
    "TimelineItem.GetStart": "the argument is optional, and refused before 19.0",
    "TimelineItem.GetEnd": "as GetStart",
    "TimelineItem.GetDuration": "as GetStart",
    "TimelineItem.GetLeftOffset": "as GetStart",
    "TimelineItem.GetRightOffset": "as GetStart",
    "Timeline.AddTrack": "a video track has no subtype to give",
    "Timeline.DeleteClips": "whether to ripple is optional",
    "Timeline.Export": "the subtype is for AAF and EDL",
    "Timeline.GetSetting": "no name gives them all",
    "Project.GetSetting": "no name gives them all",
    "MediaPool.ImportTimelineFromFile": "the options are optional",
}
# How Resolve's methods begin; what else is written with a capital is a class.
VERBS = (
    *("Add", "Append", "Clear", "Close", "Copy", "Create", "Delete", "Duplicate", "Export"),
    *("Finalize", "Get", "Import", "Insert", "Is", "Link", "Load", "Move", "Open", "Quit"),
    *("Refresh", "Replace", "Save", "Select", "Set", "Start", "Stop", "Unlink", "Update"),
)
# Keys of the README of 24 July 2026.
NEWER_RENDER_KEYS = {"UseFullExtents", "AddFrameHandles", "DataBurnIn"}


@pytest.fixture(scope="module")
def stub() -> Stub:
    path = find_stub()
    if path is None:
        pytest.skip(f"{PACKAGE} is not installed: pip install -e '.[test]'")
    return read_stub(path)


def faked() -> Iterator[tuple[str, Callable[..., object]]]:
    """``TimelineItem.AddTake`` and its function, of all that the fake has."""
    for name, kind in vars(fake_resolve).items():
        if name.startswith("Fake") and inspect.isclass(kind):
            for method in dir(kind):
                function = getattr(kind, method)
                if isinstance(getattr(function, RULES, None), Rules):
                    yield f"{name.removeprefix('Fake')}.{method}", function


def takes(function: Callable[..., object], count: int) -> bool:
    try:
        inspect.signature(function).bind(*[None] * (count + 1))
    except TypeError:
        return False
    return True


def arities(stub: Stub, name: str) -> tuple[Arity, ...]:
    kind, method = name.split(".")
    return stub.methods[kind].get(method, ())


def test_every_method_of_the_fake_is_one_of_resolve(stub: Stub) -> None:
    unknown = {name for name, _ in faked() if not arities(stub, name)}

    assert unknown == set(NEWER), "not in the stub and not allowed, or allowed and not needed"


def test_the_fake_takes_as_many_arguments_as_resolve(stub: Stub) -> None:
    refused = [
        f"{name} with {count}"
        for name, function in faked()
        for arity in arities(stub, name)
        for count in {arity.least, arity.least + 2 if arity.most is None else arity.most}
        if not takes(function, count)
    ]

    assert refused == []


def test_the_fake_takes_no_more_and_no_fewer_arguments_than_resolve(stub: Stub) -> None:
    looser = set()
    for name, function in faked():
        known = arities(stub, name)
        if not known:
            continue
        most = max(9 if arity.most is None else arity.most for arity in known)
        least = min(arity.least for arity in known)
        too_many = most < 9 and takes(function, most + 1)
        too_few = least > 0 and takes(function, least - 1)
        looser |= {name} if too_many or too_few else set()

    assert looser == set(LOOSER)


def test_all_that_the_scripts_call_is_in_the_fake() -> None:
    known = {name.split(".")[1] for name, _ in faked()}
    missing = [
        f"{path.relative_to(SCRIPTS)}:{line} {name}"
        for path in sorted(SCRIPTS.rglob("*.py"))
        for name, line in calls_of(path).items()
        if name.startswith(VERBS) and name not in known
    ]

    assert missing == []


def test_palettes_pages_and_constants_are_those_of_resolve(stub: Stub) -> None:
    assert list(stub.words["ColorSet1"]) == tables.CLIP_COLOURS
    assert list(stub.words["ColorSet2"]) == tables.MARKER_COLOURS
    assert list(stub.words["PageName"]) == list(tables.PAGES)
    assert set(Studio().constants) <= stub.constants


def test_render_settings_are_those_of_resolve(stub: Stub) -> None:
    assert set(stub.fields["RenderSettings"]) | NEWER_RENDER_KEYS == set(tables.RENDER_KEYS)


def test_an_invented_method_and_a_wrong_arity_would_be_found(stub: Stub, tmp_path: Path) -> None:
    assert arities(stub, "Project.GetTimelineByName") == ()
    assert Arity(1, 3) in arities(stub, "TimelineItem.AddTake")
    assert not takes(lambda _self, media: media, 3)

    script = tmp_path / "script.py"
    script.write_text("timeline.GetNothing()\npath.Path()\n")
    assert calls_of(script) == {"GetNothing": 1, "Path": 2}
