"""Resolve answers yes to what it did not do: only what is read back counts."""

from __future__ import annotations

from relip_host.host import HostError


def can(thing: object, method: str) -> bool:
    """Whether this Resolve has the method; ``hasattr`` is true for every name there is not."""
    return method in dir(thing)


def prove(call: str, answer: object, fact: bool, otherwise: str, remedy: str = "") -> None:
    """Raise unless ``fact``, which was read back after ``call`` gave ``answer``.

    Raises
    ------
    HostError
        ``otherwise`` says what is so instead.
    """
    if fact:
        return
    raise HostError(f"{doubt(call, answer)}: {otherwise}", remedy)


def doubt(call: str, answer: object) -> str:
    """What Resolve made of a call that did not do its work."""
    if answer:
        return f"Resolve said that {call} worked, but it did not"
    return f"Resolve refused {call}"
