"""Whose mouth an engine chose, in words."""

from __future__ import annotations

from relip_job import Voiced

HOW = {
    "sound": "whose lips move with the clip's sound",
    "size": "who is largest in the clip",
}


def whose(voiced: Voiced) -> str:
    """``person 2 of 3, whose lips move with the clip's sound, 83 % sure``.

    Empty where nothing was chosen: the editor said who, or there is nobody else.
    """
    how = HOW.get(voiced.how)
    if how is None:
        return ""
    sure = f"{round(100 * voiced.confidence)} % sure"
    return f"person {voiced.person} of {voiced.people}, {how}, {sure}"
