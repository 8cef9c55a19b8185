"""The bridge between a script and Resolve: what every call goes through before it does anything.

A script holds proxies. Each call makes new ones, so that ``is`` and ``==`` never hold; any name may
be asked of them (``hasattr`` is always true and unknown names are None); they die with what they
stand for. Failure is a value. Only arguments of a wrong kind or number raise.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

if TYPE_CHECKING:
    from tests.resolve_scripts.fake_resolve.project_state import ProjectState
    from tests.resolve_scripts.fake_resolve.state import State
    from tests.resolve_scripts.fake_resolve.world import World

RULES = "__rules__"
Function = TypeVar("Function", bound=Callable[..., object])
Version = tuple[int, ...]
StateKind = TypeVar("StateKind", bound="State")

# What crosses the bridge: nothing else does, neither a Fraction nor a Path nor numpy's numbers.
KINDS: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "list[object]": (list,),
    "dict[str, object]": (dict,),
}


def version_of(text: str) -> Version:
    """``21.0.4`` as numbers that compare."""
    return tuple(int(part) for part in text.split("."))


@dataclass(frozen=True)
class Rules:
    """What is known of a method besides what it does.

    Attributes
    ----------
    since : the first version that has it.
    refusal : what it answers when it does not do what it was asked.
    writes : whether it changes anything.
    lie : what it answers, given the proxy, when it only says that it has done it.
    studio : whether only the paid edition has it.
    pages : the pages it works on; empty is all.
    bare_before : before this version it takes no arguments.
    """

    function: Callable[..., object]
    since: Version
    refusal: object
    writes: bool
    lie: Callable[[Any], object] | None
    studio: bool
    pages: tuple[str, ...]
    bare_before: Version

    @cached_property
    def signature(self) -> inspect.Signature:
        """Without ``self``."""
        whole = inspect.signature(self.function)
        return whole.replace(parameters=list(whole.parameters.values())[1:])

    def check(self, arguments: tuple[object, ...], version: Version) -> None:
        """Raise TypeError for what the bridge cannot carry."""
        name = self.function.__name__
        if arguments and version < self.bare_before:
            raise TypeError(f"{name}() takes no arguments ({len(arguments)} given)")
        bound = self.signature.bind(*arguments)
        for parameter, value in bound.arguments.items():
            annotation = str(self.signature.parameters[parameter].annotation)
            kind, _, none = annotation.partition(" | ")
            if kind not in KINDS or (none == "None" and value is None):
                continue
            if type(value) not in KINDS[kind]:
                raise TypeError(f"{name}(): {parameter} is {kind}, not {type(value).__name__}")


def call(
    *,
    since: str = "18.1",
    refusal: object = None,
    writes: bool = False,
    lie: Callable[[Any], object] | None = None,
    studio: bool = False,
    pages: tuple[str, ...] = (),
    bare_before: str = "0",
) -> Callable[[Function], Function]:
    """Make a method one that scripts can call; see :class:`Rules`."""

    def mark(function: Function) -> Function:
        numbers = version_of(since), version_of(bare_before)
        rules = Rules(function, numbers[0], refusal, writes, lie, studio, pages, numbers[1])
        setattr(function, RULES, rules)
        return function

    return mark


def write(
    *, since: str = "18.1", studio: bool = False, pages: tuple[str, ...] = ()
) -> Callable[[Function], Function]:
    """As :func:`call`, for what changes something and answers with a bool."""
    return call(since=since, refusal=False, writes=True, studio=studio, pages=pages)


class Proxy:
    """What a script holds of something in Resolve."""

    _kinds: ClassVar[dict[type[State], type[Proxy]]] = {}

    def __init_subclass__(cls, of: type[State] | None = None) -> None:
        super().__init_subclass__()
        if of is not None:
            Proxy._kinds[of] = cls

    def __init__(self, world: World, state: State, project: ProjectState | None) -> None:
        self._world = world
        self._state = state
        self._project = project
        self._session = world.session

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_"):
            return object.__getattribute__(self, name)
        rules = self._rules(name)
        if rules is not None:
            return partial(self._world.perform, self, rules)
        return self._world.constants.get(name) if self._has_constants else None

    def __dir__(self) -> list[str]:
        names = [name for name in vars(Proxy) if name.startswith("__")]
        names += [name for name in dir(type(self)) if self._rules(name) is not None]
        return names + (list(self._world.constants) if self._has_constants else [])

    _has_constants: ClassVar[bool] = False

    def _rules(self, name: str) -> Rules | None:
        """Of a method this version has."""
        rules = getattr(getattr(type(self), name, None), RULES, None)
        if not isinstance(rules, Rules) or rules.since > self._world.version:
            return None
        return rules

    @property
    def _alive(self) -> bool:
        project = self._project
        return (
            self._session == self._world.session
            and (project is None or project.open)
            and not self._state.gone
        )

    def _proxy(self, state: State) -> Proxy:
        """A new proxy, in the same project."""
        return Proxy._kinds[type(state)](self._world, state, self._project)

    def _ghost(self, kind: type[State]) -> Proxy:
        """A proxy of something that is not there: what Resolve returns when it lies."""
        state = object.__new__(kind)
        state.gone = True
        return Proxy._kinds[kind](self._world, state, self._project)

    def _given(self, thing: object, kind: type[StateKind]) -> StateKind | None:
        """What an argument stands for; None if that is dead or of another project.

        Raises
        ------
        TypeError
            The argument is something else altogether.
        """
        if thing is None:
            return None
        state = thing._state if isinstance(thing, Proxy) else None
        if not isinstance(thing, Proxy) or not isinstance(state, kind):
            raise TypeError(f"{kind.__name__[:-5]} expected, not {type(thing).__name__}")
        return state if thing._alive and thing._project is self._project else None

    def _all_given(self, things: list[object], kind: type[StateKind]) -> list[StateKind] | None:
        """What all of them stand for; None if one of them is dead."""
        states = [self._given(thing, kind) for thing in things]
        alive = [state for state in states if state is not None]
        return alive if len(alive) == len(states) else None
