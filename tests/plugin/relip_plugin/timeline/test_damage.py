"""Documents with a value or an element changed at random: read, or refused in words."""

import json
import random
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from relip_host.choice import Choice
from relip_host.host import Made
from relip_host.jobs import Cut, cut
from relip_job.errors import JobError
from relip_plugin.timeline.read import read_timeline
from tests.plugin.relip_plugin.timeline import test_fcp7, test_fcpxml
from tests.plugin.relip_plugin.timeline.otio_made import clip, gap, transition, warp, written

TEXTS = "0 -1 x 1e999 NaN 99999999999999999999 null 0s -5s 1/0s 1.5 TRUE ² cam wav r2".split()
VALUES: tuple[object, ...] = (0, -1, 1.5, None, "", [], {}, "x", 1e300, True, 10**20)


def damaged_json(text: str, draw: random.Random) -> str:
    document = json.loads(text)
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        keys: list[Any] = []
        if isinstance(value, dict | list):
            keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        for key in keys:
            places.append((value, key))
            walk(value[key])

    walk(document)
    holder, key = draw.choice(places)
    if draw.random() < 0.3:
        del holder[key]
    else:
        holder[key] = draw.choice(VALUES)
    return json.dumps(document)


def damaged_xml(text: str, draw: random.Random) -> str:
    root = ElementTree.fromstring(text)
    nodes = list(root.iter())
    node, way = draw.choice(nodes), draw.random()
    if way < 0.2 and len(node):
        node.remove(draw.choice(list(node)))
    elif way < 0.7 and node.attrib:
        node.set(draw.choice(list(node.attrib)), draw.choice(TEXTS))
    else:
        node.text = draw.choice(TEXTS)
    return ElementTree.tostring(root, encoding="unicode")


@pytest.mark.parametrize("format_", ["otio", "fcp7", "fcpxml"])
def test_damage_is_refused_in_words(tmp_path: Path, format_: str) -> None:
    media = tmp_path / "cam.mov"
    media.touch()
    if format_ == "otio":
        children = clip(media, effects=[warp(1.25)]), gap(3), clip(media), transition(), clip(media)
        text = written(tmp_path, *children).read_text()
    elif format_ == "fcp7":
        file, again = test_fcp7.file(media), '<file id="file-1"/>'
        remap = test_fcp7.remap(speed="100")
        shots = test_fcp7.clip(file, more=remap) + test_fcp7.clip(again, 20, 40)
        text = test_fcp7.xmeml(test_fcp7.sequence(shots, test_fcp7.clip(again)))
    else:
        retime = test_fcpxml.retime(("3600s", "3600s"), ("3609s", "3609s"))
        line = (
            '<asset-clip ref="wav" lane="-1" offset="3605s" duration="1s">'
            '<audio-channel-source srcCh="1, 2" role="a"/></asset-clip>'
        )
        other = f'<{test_fcpxml.CLIP}><conform-rate srcFrameRate="24"/></asset-clip>'
        spine = f"<{test_fcpxml.CLIP}>{retime}{line}</asset-clip>{other}"
        text = test_fcpxml.document(spine, media)
    draw = random.Random(11)
    path = tmp_path / f"damaged.{format_}"
    refused = 0
    for _ in range(120):
        path.write_text((damaged_json if format_ == "otio" else damaged_xml)(text, draw))
        try:
            document = read_timeline(path)
            document.dub_items((1, 2))
            made = [
                Made("j", shot, str(media), "", found.begins, found.frames)
                for shot in document.shots()
                if isinstance(found := cut(shot, Choice()), Cut)
            ]
            for in_place in (False, True):
                path.write_bytes(document.with_results(made, "new", in_place))
                read_timeline(path)
        except JobError as error:
            refused += 1
            assert error.remedy
    assert 0 < refused < 120
