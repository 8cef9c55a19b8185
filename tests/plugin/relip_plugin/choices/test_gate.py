import pytest

from relip_plugin.choices.gate import Gate

PORT = 4711
HOST = f"127.0.0.1:{PORT}"
OURS = {"Host": HOST, "Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def gate() -> Gate:
    return Gate(PORT)


def test_a_token_opens_once(gate: Gate) -> None:
    key = gate.enter(gate.token)

    assert key
    assert gate.knows(key)
    assert gate.enter(gate.token) == ""


def test_a_wrong_token_opens_nothing_and_spends_nothing(gate: Gate) -> None:
    assert gate.enter("guess") == ""
    assert gate.enter("") == ""
    assert gate.enter("ü") == ""
    assert gate.enter(gate.token)


def test_nothing_is_a_key_before_the_token_came(gate: Gate) -> None:
    assert not gate.knows(gate._key)
    assert not gate.knows(None)
    assert not gate.knows("")


def test_the_token_stays_in_the_browser() -> None:
    gate = Gate(PORT)

    assert gate.url == f"http://{HOST}/#{gate.token}"
    assert gate.token not in repr(gate)
    assert gate.token != Gate(PORT).token


@pytest.mark.parametrize(
    "host", [f"localhost:{PORT}", f"evil.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}", ""]
)
def test_a_name_that_leads_here_is_refused(gate: Gate, host: str) -> None:
    assert gate.refuses_call({**OURS, "Host": host})
    assert gate.refuses_look({"Host": host}, "document")


def test_a_call_without_a_host_is_refused(gate: Gate) -> None:
    assert gate.refuses_call({"Origin": OURS["Origin"]})


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", f"https://{HOST}", f"http://{HOST}.evil.example", "", None],
)
def test_a_call_from_another_site_is_refused(gate: Gate, origin: str | None) -> None:
    said = {name: value for name, value in OURS.items() if name != "Origin"}
    if origin is not None:
        said["Origin"] = origin

    assert gate.refuses_call(said)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_call_that_the_browser_calls_foreign_is_refused(gate: Gate, site: str) -> None:
    assert gate.refuses_call({**OURS, "Sec-Fetch-Site": site})


def test_our_own_page_may_call(gate: Gate) -> None:
    assert gate.refuses_call(OURS) == ""
    assert gate.refuses_call({"Host": HOST, "Origin": OURS["Origin"]}) == "", "older browsers"


@pytest.mark.parametrize(
    ("said", "dest", "fine"),
    [
        ({}, "document", True),
        ({"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}, "document", True),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"}, "document", True),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}, "document", False),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "iframe"}, "document", False),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "iframe"}, "document", False),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "script"}, "script", True),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "script"}, "script", False),
        ({"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}, "script", False),
    ],
)
def test_the_page_is_shown_by_itself_and_its_parts_only_to_it(
    gate: Gate, said: dict[str, str], dest: str, fine: bool
) -> None:
    refused = gate.refuses_look({"Host": HOST, **said}, dest)

    assert (refused == "") is fine
