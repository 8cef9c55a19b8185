import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from relip_plugin.timeline.json_places import deepest, members

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
)


@given(
    value=st.dictionaries(st.text("abc", max_size=3), json_values, max_size=4),
    indent=st.sampled_from([None, 2]),
)
def test_values_are_found_where_they_are(value: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(value, indent=indent)

    assert {one.key: json.loads(text[one.start : one.stop]) for one in members(text, 0)} == value
    listed = json.dumps(list(value.values()), indent=indent)
    assert [json.loads(listed[one.start : one.stop]) for one in members(listed, 0)] == list(
        value.values()
    )
    assert deepest(text) >= 1
