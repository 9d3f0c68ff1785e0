"""Claims about the gate without rules: what goes through it comes out as it went in."""

import gzip
import hashlib
import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from include.chaos.platforms.s3_client import client_of
from tests.object_gate.gates import RunningGate, gate_before
from tests.scale.servers import free_port, s3_server
from tests.scale.test_object_store import KEYS_OF_RCLONE, KEYS_OF_S3

MIB = 2**20


@dataclass(slots=True)
class Seen:
    """The last request that reached the server, and what it answers."""

    line: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    answer: tuple[int, dict[str, str], bytes] = (200, {}, b"")


@contextmanager
def recording() -> Iterator[tuple[str, Seen]]:
    """Serve anything, and tell what came."""
    seen = Seen()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_ANY(self) -> None:
            seen.line, seen.headers, seen.body = self.requestline, self.headers.items(), self._read()
            status, headers, body = seen.answer
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_ANY  # noqa: N815  # names that http.server looks for

        def _read(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        thread.join()


@dataclass(frozen=True, slots=True)
class Wire:
    """A connection through a gate to a server that tells what it saw."""

    connection: http.client.HTTPConnection
    seen: Seen

    def ask(
        self, method: str, target: str, headers: dict[str, str] | None = None, body: object = None, **how: bool
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Send a request exactly as it is written; give status, headers and body."""
        self.connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            self.connection.putheader(name, value)
        self.connection.endheaders(body, **how)  # type: ignore[arg-type]  # bytes or an iterable
        answer = self.connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    """The same one for all tests: it is kept alive."""
    with recording() as (url, seen), gate_before(url) as gate:
        connection = http.client.HTTPConnection(gate.url.removeprefix("http://"), timeout=30)
        connection._validate_path = lambda _path: None  # type: ignore[attr-defined]  # odd targets are the point
        yield Wire(connection, seen)
        connection.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[BaseClient, BaseClient, RunningGate]]:
    """A real S3 server, straight and through a gate."""
    root = tmp_path_factory.mktemp("s3")
    (root / "songs").mkdir()
    with s3_server(root) as straight, gate_before(straight.endpoint) as gate:
        through = straight.model_copy(update={"endpoint": gate.url})
        yield client_of(straight, timeout=30), client_of(through, timeout=30), gate


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_the_target_is_handed_on_byte_by_byte(wire: Wire, key: str) -> None:
    """It is signed as it was written, so nothing in it may be decoded, joined, or taken for a path."""
    for written in (quote(key, safe=""), quote(key, safe="/~!*'()"), quote(key).lower()):
        target = f"/songs/{written}?x-id=GetObject&a=%41+b&&c"
        wire.ask("GET", target)
        assert wire.seen.line == f"GET {target} HTTP/1.1"


@pytest.mark.parametrize("key", [*KEYS_OF_S3, "a//b", "../..", "a/%2E%2e/b"])
def test_keys_that_are_no_paths_are_handed_on_too(wire: Wire, key: str) -> None:
    """Dots and double slashes mean nothing to S3."""
    target = f"/songs/{quote(key)}"
    wire.ask("GET", target)
    assert wire.seen.line == f"GET {target} HTTP/1.1"


@settings(max_examples=40)
@given(st.binary(max_size=100_000), st.binary(max_size=100_000), st.sampled_from(["PUT", "POST"]))
def test_bodies_are_the_same_both_ways(wire: Wire, there: bytes, back: bytes, method: str) -> None:
    """Whatever their length, and however often the connection was used before."""
    wire.seen.answer = (200, {}, back)
    assert wire.ask(method, "/songs/a", {"Content-Length": str(len(there))}, there)[2] == back
    assert wire.seen.body == there


def test_large_bodies_are_streamed(wire: Wire) -> None:
    """More than what is handed back in one piece."""
    body = hashlib.sha512(b"any").digest() * (3 * MIB // 64)
    wire.seen.answer = (200, {}, body)
    assert wire.ask("PUT", "/songs/a", {"Content-Length": str(len(body))}, body)[2] == body
    assert wire.seen.body == body


def test_a_chunked_body_arrives(wire: Wire) -> None:
    """Its length is not known before."""
    chunks = [b"a" * 100, b"b" * 70_000, b"c"]
    wire.ask("PUT", "/songs/a", {"Transfer-Encoding": "chunked"}, iter(chunks), encode_chunked=True)
    assert wire.seen.body == b"".join(chunks)


def test_headers_are_handed_on(wire: Wire) -> None:
    """The Host is the client's, for it is signed; nothing is added that a signature could miss."""
    asked = {
        "Authorization": "AWS4 x",
        "X-Amz-Date": "now",
        "x-amz-meta-a": "b  c",
        "If-Match": '"e"',
        "Range": "bytes=1-",
    }
    wire.ask("GET", "/songs/a", asked)
    names = {name.lower() for name, _ in wire.seen.headers}
    assert set(asked.items()) <= set(wire.seen.headers)
    assert dict(wire.seen.headers)["Host"] == f"{wire.connection.host}:{wire.connection.port}"
    assert names == {"host", *(name.lower() for name in asked)}


def test_an_answer_is_handed_back(wire: Wire) -> None:
    """Status and headers, and a compressed body that nobody decompresses."""
    packed = gzip.compress(b"song" * 1000)
    given_back = {"ETag": '"e"', "Content-Encoding": "gzip", "Content-Range": "bytes 1-2/3", "x-amz-meta-a": "b"}
    wire.seen.answer = (206, given_back, packed)
    status, headers, body = wire.ask("GET", "/songs/a")
    assert (status, body) == (206, packed)
    assert set(given_back.items()) <= set(headers)


@pytest.mark.parametrize("status", [204, 304, 404, 412, 500, 503])
def test_an_answer_without_a_body_is_handed_back(wire: Wire, status: int) -> None:
    """Errors and redirects are the client's to act on."""
    wire.seen.answer = (status, {}, b"")
    assert wire.ask("GET", "/songs/a")[0] == status


def test_the_length_that_head_tells_is_the_objects(wire: Wire) -> None:
    """There is a length, and no body."""
    wire.seen.answer = (200, {"Content-Length": "12345", "ETag": '"e"'}, b"")
    status, headers, body = wire.ask("HEAD", "/songs/a")
    assert (status, dict(headers)["Content-Length"], body) == (200, "12345", b"")


def test_every_key_is_kept_through_the_gate(store: tuple[BaseClient, BaseClient, RunningGate]) -> None:
    """Signatures hold: what is put through it is there, and the other way round."""
    straight, through, _ = store
    for key in KEYS_OF_RCLONE:
        through.put_object(Bucket="songs", Key=key, Body=repr(key).encode())
        assert straight.get_object(Bucket="songs", Key=key)["Body"].read() == repr(key).encode()
        assert through.get_object(Bucket="songs", Key=key)["Body"].read() == repr(key).encode()
        through.delete_object(Bucket="songs", Key=key)
    assert "Contents" not in straight.list_objects_v2(Bucket="songs")


def test_uploads_in_parts_ranges_copies_and_batches_work(store: tuple[BaseClient, BaseClient, RunningGate]) -> None:
    """Whatever S3 has, for the gate does not know it."""
    straight, through, _ = store
    whole = bytes(range(256)) * (6 * MIB // 256)
    where = {"Bucket": "songs", "Key": "large"}
    upload = through.create_multipart_upload(**where)["UploadId"]
    parts = [
        {
            "PartNumber": number,
            "ETag": through.upload_part(**where, UploadId=upload, PartNumber=number, Body=part)["ETag"],
        }
        for number, part in enumerate((whole[: 5 * MIB], whole[5 * MIB :]), start=1)
    ]
    through.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
    assert straight.get_object(**where)["Body"].read() == whole
    assert through.get_object(**where, Range="bytes=1000-1999")["Body"].read() == whole[1000:2000]
    through.copy_object(Bucket="songs", Key="copy", CopySource=where)
    assert through.head_object(Bucket="songs", Key="copy")["ContentLength"] == len(whole)
    through.delete_objects(Bucket="songs", Delete={"Objects": [{"Key": "large"}, {"Key": "copy"}]})
    with pytest.raises(ClientError, match="404"):
        straight.head_object(**where)


def test_a_server_that_is_down_is_down_through_the_gate(tmp_path: Path) -> None:
    """The client's connection breaks, as the server's own would; no answer is made up."""
    with gate_before(f"http://127.0.0.1:{free_port()}") as gate:
        connection = http.client.HTTPConnection(gate.url.removeprefix("http://"), timeout=30)
        connection.request("GET", "/songs/a")
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            connection.getresponse()
        connection.close()


def test_a_body_that_the_server_breaks_off_breaks_off(tmp_path: Path) -> None:
    """It does not end well instead."""
    with recording() as (url, seen), gate_before(url) as gate:
        seen.answer = (200, {"Content-Length": "1000", "Connection": "close"}, b"too little")
        connection = http.client.HTTPConnection(gate.url.removeprefix("http://"), timeout=30)
        connection.request("GET", "/songs/a")
        with pytest.raises((http.client.HTTPException, ConnectionResetError)):
            connection.getresponse().read()
        connection.close()
