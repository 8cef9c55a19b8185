from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relip_job.errors import JobError
from relip_plugin.timeline import xml_safe
from relip_plugin.timeline.read import read_timeline
from relip_plugin.timeline.splice import Splice, spliced
from relip_plugin.timeline.xml_safe import element, inserted, new_attribute, new_text, read_xml

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE xmeml [
<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><xmeml>&b;</xmeml>"""
THIEF = b"""<!DOCTYPE xmeml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xmeml>&a;</xmeml>"""
PARAMETER = b"""<!DOCTYPE xmeml [<!ENTITY % a SYSTEM "http://localhost/x"> %a;]><xmeml/>"""
FOREIGN = b"""<!DOCTYPE xmeml SYSTEM "http://localhost/x.dtd"><xmeml>&unknown;</xmeml>"""


@pytest.mark.parametrize("document", [LAUGHS, THIEF, PARAMETER, FOREIGN])
def test_entities_are_refused(document: bytes) -> None:
    with pytest.raises(JobError, match="entities"):
        read_xml(document, "reel.xml")


def test_a_named_document_type_is_not_fetched() -> None:
    root = read_xml(b'<!DOCTYPE fcpxml SYSTEM "http://localhost:1/x.dtd"><fcpxml/>', "x")

    assert root.tag == "fcpxml"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"<a><b></a>", "no XML"),
        (b"<a", "no XML"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>', "ISO-8859-1"),
        ("<a/>".encode("utf-16"), "UTF-8"),
        (b"<a>" * 300 + b"</a>" * 300, "too deep"),
    ],
)
def test_what_cannot_be_read_exactly_is_refused(document: bytes, message: str) -> None:
    with pytest.raises(JobError, match=message):
        read_xml(document, "reel.xml")


def test_too_large_a_document_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_safe, "LARGEST", 10)

    with pytest.raises(JobError, match="more than"):
        read_xml(b"<a>          </a>", "reel.xml")


def test_elements_know_their_bytes() -> None:
    document = (
        "<?xml version='1.0'?>\n<a é='x>y'><!-- <b/> --><b/>tüxt<c d=\"/>\">e</c></a>".encode()
    )
    root = read_xml(document, "x")
    empty, full = root.children

    assert document[root.start : root.inside].decode() == "<a é='x>y'>"
    assert document[empty.start : empty.end] == b"<b/>"
    assert document[full.inside : full.close] == b"e"
    assert document[full.start : full.end] == b'<c d="/>">e</c>'
    assert root.end == len(document)


text = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)


@given(first=text, name=text, inside=text)
def test_edits_are_read_back(first: str, name: str, inside: str) -> None:
    document = ElementTree.tostring(
        ElementTree.fromstring("<a><b name=''/><c/><d>old</d></a>"), encoding="utf-8"
    )
    root = read_xml(document, "x")
    one, two, three = root.children
    written = spliced(
        document,
        [
            new_attribute(document, one, "name", name),
            new_attribute(document, two, "other", first),
            new_text(three, inside),
            inserted(root, None, element("e", value=first)),
        ],
    )

    again = ElementTree.fromstring(written)
    assert again[0].get("name") == name
    assert again[1].get("other") == first
    assert (again[2].text or "") == inside
    assert again[3].get("value") == first


def test_an_element_that_closes_itself_is_opened() -> None:
    document = b"<a><b c='1'/></a>"
    node = read_xml(document, "x").children[0]

    assert spliced(document, [inserted(node, None, "<d/>")]) == b"<a><b c='1'><d/></b></a>"


def test_two_edits_of_the_same_bytes_are_refused() -> None:
    with pytest.raises(JobError, match="meet"):
        spliced(b"abcdef", [Splice(0, 3, "x"), Splice(2, 4, "y")])


@pytest.mark.parametrize("content", [b"", b"EDL", b"<html/>", b"{}", b"{", b"[1]", b"\xff\xfe<"])
def test_what_is_no_timeline_is_refused_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "reel.xml"
    path.write_bytes(content)

    with pytest.raises(JobError) as told:
        read_timeline(path)
    assert told.value.remedy


def test_a_missing_document_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="cannot be read"):
        read_timeline(tmp_path / "none.otio")
