from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from relip_job.errors import ModelError, OutputError
from relip_plugin.models.download import REDIRECTS, Fetched, Redirects, check_address, download

WHOLE = bytes(range(256)) * 4000  # 1 MB


class Server(ThreadingHTTPServer):
    """Serves ``WHOLE``; ``cut`` ends that many answers early, ``turns`` sends elsewhere.

    ``early`` bytes are sent again that were not asked for.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.cut = self.turns = self.early = 0
        self.step = 300_000
        self.status = 200
        self.tag = '"1"'
        self.asked: list[str | None] = []

    @property
    def address(self) -> str:
        """Of the file."""
        return f"http://127.0.0.1:{self.server_address[1]}/net.onnx"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        server.asked.append(self.headers.get("Range"))
        if server.status != 200:
            self.send_error(server.status)
            return
        if server.turns:
            server.turns -= 1
            self.send_response(302)
            self.send_header("Location", server.address + f"?{server.turns}")
            self.end_headers()
            return
        start = 0
        asked = self.headers.get("Range")
        if asked and self.headers.get("If-Range") == server.tag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(WHOLE):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(WHOLE)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start -= server.early if start else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(WHOLE) - 1}/{len(WHOLE)}")
        self.send_header("ETag", server.tag)
        self.send_header("Content-Length", str(len(WHOLE) - start))
        self.end_headers()
        stop = len(WHOLE)
        if server.cut:
            server.cut -= 1
            stop = start + server.step
        self.wfile.write(WHOLE[start:stop])

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def fetched(
    server: Server, path: Path, size: int | None = None, sha256: str | None = None
) -> Fetched:
    *_, last = download(server.address, path, size, sha256, schemes=("http",))
    assert isinstance(last, Fetched)
    return last


def test_a_file_is_fetched_whole(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "new" / "net.onnx"

    found = fetched(server, path, len(WHOLE), hashlib.sha256(WHOLE).hexdigest())

    assert found == Fetched(path, hashlib.sha256(WHOLE).hexdigest())
    assert path.read_bytes() == WHOLE
    assert list(path.parent.iterdir()) == [path]


def test_a_connection_that_is_cut_is_taken_up_where_it_ended(
    server: Server, tmp_path: Path
) -> None:
    server.cut = 3

    fetched(server, tmp_path / "net.onnx")

    assert (tmp_path / "net.onnx").read_bytes() == WHOLE
    assert server.asked == [None, "bytes=300000-", "bytes=600000-", "bytes=900000-"]


def test_a_download_goes_on_in_a_later_run(server: Server, tmp_path: Path) -> None:
    server.cut, server.step = 1, 400_000
    steps = download(server.address, tmp_path / "net.onnx", schemes=("http",))
    next(steps)
    steps.close()
    server.cut, server.step = 9, 0
    with pytest.raises(ModelError, match=r"127\.0\.0\.1 cannot be reached .*cut"):
        fetched(server, tmp_path / "net.onnx")
    assert not (tmp_path / "net.onnx").exists()

    server.cut = 0
    server.asked.clear()
    fetched(server, tmp_path / "net.onnx")

    assert (tmp_path / "net.onnx").read_bytes() == WHOLE
    assert server.asked[0] is not None


@pytest.mark.parametrize("more", [0, 1])
def test_a_file_that_was_whole_when_the_last_run_ended_is_taken(
    server: Server, tmp_path: Path, more: int
) -> None:
    """Or fetched again where there is more of it than the server has."""
    (tmp_path / "net.onnx.partial").write_bytes(WHOLE + bytes(more))
    (tmp_path / "net.onnx.partial.json").write_text(json.dumps({"mark": server.tag}), "utf-8")

    fetched(server, tmp_path / "net.onnx")

    assert (tmp_path / "net.onnx").read_bytes() == WHOLE
    assert len(server.asked) == 1 + more
    assert list(tmp_path.iterdir()) == [tmp_path / "net.onnx"]


def test_another_part_than_was_asked_for_is_not_appended(server: Server, tmp_path: Path) -> None:
    server.cut, server.early = 1, 7

    fetched(server, tmp_path / "net.onnx")

    assert (tmp_path / "net.onnx").read_bytes() == WHOLE


def test_a_download_begins_anew_if_the_file_is_another_by_now(
    server: Server, tmp_path: Path
) -> None:
    steps = download(server.address, tmp_path / "net.onnx", schemes=("http",))
    next(steps)
    steps.close()
    assert (tmp_path / "net.onnx.partial").exists()

    server.tag = '"2"'
    fetched(server, tmp_path / "net.onnx")

    assert (tmp_path / "net.onnx").read_bytes() == WHOLE


@pytest.mark.parametrize(
    ("size", "sha256", "why"),
    [(len(WHOLE) + 1, None, "bytes instead of"), (len(WHOLE), "0" * 64, "the checksum is")],
)
def test_a_file_that_is_another_is_thrown_away(
    server: Server, tmp_path: Path, size: int, sha256: str | None, why: str
) -> None:
    with pytest.raises(ModelError, match=why):
        fetched(server, tmp_path / "net.onnx", size, sha256)

    assert list(tmp_path.iterdir()) == []


def test_a_few_redirects_are_followed(server: Server, tmp_path: Path) -> None:
    server.turns = 3

    fetched(server, tmp_path / "net.onnx")

    assert (tmp_path / "net.onnx").read_bytes() == WHOLE


def test_many_redirects_are_not(server: Server, tmp_path: Path) -> None:
    server.turns = REDIRECTS + 2

    with pytest.raises(ModelError, match="does not give"):
        fetched(server, tmp_path / "net.onnx")


@pytest.mark.parametrize("address", ["http://a/net.onnx", "file:///net.onnx", "ftp://a/net.onnx"])
def test_nothing_is_fetched_but_by_https(address: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not https"):
        next(iter(download(address, tmp_path / "net.onnx")))
    with pytest.raises(ModelError, match="is not https"):
        Redirects(("https",)).redirect_request(
            None, None, 302, "", {}, address  # type: ignore[arg-type]  # it looks no farther
        )  # fmt: skip
    check_address("https://a/net.onnx")


@pytest.mark.parametrize(("status", "why"), [(404, "404"), (401, "who you are"), (500, "500")])
def test_a_server_that_refuses_is_told_of(
    server: Server, tmp_path: Path, status: int, why: str
) -> None:
    server.status = status

    with pytest.raises(ModelError, match=why) as failure:
        fetched(server, tmp_path / "net.onnx")

    assert "relip models add" in failure.value.remedy


def test_without_a_network_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(ModelError, match=r"127\.0\.0\.1 cannot be reached") as failure:
        list(download("https://127.0.0.1:9/net.onnx", tmp_path / "net.onnx"))

    assert "add it" in failure.value.remedy


def test_the_proxy_of_the_environment_is_asked(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.address)
    monkeypatch.delenv("no_proxy", raising=False)

    *_, last = download("http://nowhere.invalid/net.onnx", tmp_path / "net", schemes=("http",))

    assert isinstance(last, Fetched)


def test_a_disk_without_room_is_told_of_before_it_is_full(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))

    with pytest.raises(OutputError, match=r"has room for 0\.0 GB"):
        fetched(server, tmp_path / "net.onnx")

    assert not (tmp_path / "net.onnx").exists()
