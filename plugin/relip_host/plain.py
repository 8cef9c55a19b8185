"""Frozen dataclasses as the values that JSON has, and back."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any, Dict, Mapping, Type, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: object) -> Any:
    """What :func:`from_plain` reads: objects, lists, text and numbers; times are exact text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [to_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): to_plain(one) for name, one in value.items()}
    return value


def from_plain(kind: Type[T], found: object) -> T:
    """A dataclass of what JSON gave; unknown names are left out, missing ones are the default.

    Raises
    ------
    ValueError
        It does not read like one.
    """
    if not isinstance(found, Mapping):
        raise ValueError(f"{found!r} is no {kind.__name__}")
    hints = get_type_hints(kind)
    values: Dict[str, Any] = {
        field.name: _value(hints[field.name], found[field.name])
        for field in fields(kind)  # type: ignore[arg-type]  # dataclasses only
        if field.name in found
    }
    try:
        return kind(**values)
    except TypeError as error:
        raise ValueError(f"no {kind.__name__} reads like this ({error})") from error


def _value(hint: Any, found: object) -> object:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Union:  # Optional is the only one there is
        return None if found is None else _value(inner[0], found)
    if origin is tuple:
        if not isinstance(found, list):
            raise ValueError(f"{found!r} is no list")
        return tuple(_value(inner[0], one) for one in found)
    if origin is dict:
        if not isinstance(found, Mapping):
            raise ValueError(f"{found!r} is no object")
        return {inner[0](name): _value(inner[1], one) for name, one in found.items()}
    if isinstance(hint, type) and is_dataclass(hint):
        return from_plain(hint, found)
    if hint is Fraction:
        return _fraction(found)
    if hint is float and isinstance(found, int):
        return float(found)
    if not isinstance(found, hint):
        raise ValueError(f"{found!r} is no {hint.__name__}")
    return found


def _fraction(found: object) -> Fraction:
    if not isinstance(found, (str, int, float)):
        raise ValueError(f"{found!r} is no time")
    try:
        return Fraction(found)
    except ZeroDivisionError as error:
        raise ValueError(f"{found!r} is no time") from error
