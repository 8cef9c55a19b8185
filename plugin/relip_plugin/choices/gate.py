"""Who may talk to the page: the one tab that brought the token, and nobody else's site.

The server is reachable for every program and every web page on this machine. A page of another
site can send requests here but cannot forge their ``Host`` and ``Origin``; a name that resolves
to 127.0.0.1 (DNS rebinding) shows in ``Host``. The token travels behind the ``#`` of the address,
which browsers never send, so no log, preview or prefetch can spend it; it is exchanged once for
a key, which the tab keeps to itself and sends as a header. Cookies are not used: browsers share
them between all ports of 127.0.0.1.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

KEY: Final = "X-Relip-Key"
_LONG_ENOUGH: Final = 32
"""Bytes of chance in a token and in a key."""


def _secret() -> str:
    return secrets.token_urlsafe(_LONG_ENOUGH)


@dataclass
class Gate:
    """Decides for the server on ``port``; thread-safe."""

    port: int
    token: str = field(default_factory=_secret, repr=False)
    _key: str = field(default_factory=_secret, repr=False)
    _spent: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def site(self) -> str:
        """Host and port, as a browser writes them."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The address to open, once."""
        return f"http://{self.site}/#{self.token}"

    def refuses_look(self, headers: Mapping[str, str], dest: str) -> str:
        """Why a GET is refused, or nothing; ``dest`` is what browsers call the thing's use."""
        if refused := self._refuses_site(headers):
            return refused
        # Browsers older than these headers do not send them.
        allowed = ("same-origin", "none") if dest == "document" else ("same-origin",)
        if headers.get("Sec-Fetch-Site", allowed[0]) not in allowed:
            return "another site asks for this page"
        if headers.get("Sec-Fetch-Dest", dest) != dest:
            return "this page is shown by itself or not at all"
        return ""

    def refuses_call(self, headers: Mapping[str, str]) -> str:
        """Why a POST is refused, or nothing; the key is another matter."""
        if refused := self._refuses_site(headers):
            return refused
        if headers.get("Origin") != f"http://{self.site}":
            return "the request comes from another site"
        if headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return "another site asks"
        return ""

    def _refuses_site(self, headers: Mapping[str, str]) -> str:
        return "" if headers.get("Host") == self.site else f"this is {self.site}"

    def enter(self, token: str) -> str:
        """The key for the token, once; nothing for another token and for the second time."""
        with self._lock:
            if self._spent or not _same(token, self.token):
                return ""
            self._spent = True
            return self._key

    def knows(self, key: str | None) -> bool:
        """Whether it is the key that was given."""
        return self._spent and key is not None and _same(key, self._key)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
