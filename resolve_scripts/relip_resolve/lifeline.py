"""Resolve may be closed at any time; everything it gave is dead then and answers with nothing."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Callable, TypeVar, cast

from relip_host.host import HostError

if TYPE_CHECKING:
    from fusionscript import Resolve

Method = TypeVar("Method", bound=Callable[..., Any])


def while_resolve_runs(method: Method) -> Method:
    """The method, which tells that Resolve was closed where it would give nonsense instead."""

    @wraps(method)
    def asked(host: Any, *arguments: Any) -> Any:
        try:
            answer = method(host, *arguments)
        except (HostError, AttributeError, TypeError) as error:
            # What asks nothing of nothing has no such attribute, or cannot be called.
            if gone(host.seat.resolve):
                raise closed() from error
            raise
        if gone(host.seat.resolve):
            raise closed()
        return answer

    return cast(Method, asked)


def gone(resolve: Resolve) -> bool:
    """Whether this Resolve is not there any more."""
    try:
        return not resolve.GetVersion()
    except (AttributeError, TypeError):
        return True


def closed() -> HostError:
    """What is told then."""
    return HostError(
        "Resolve was closed meanwhile",
        "start it again and open the project; Apply Finished places what is done",
    )
