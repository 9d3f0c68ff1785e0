"""An S3 server for tests that has any key, lists two objects a page, and fails as it is told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote_plus, unquote_to_bytes, urlsplit

from pydantic import SecretStr

from include.settings import ObjectStoreSettings

_PAGE = 2
_CUT = 0


@dataclass(slots=True, kw_only=True)
class AnyKeyServer:
    """What the server has and how it behaves; a test may change it at any time.

    `troubles` are the HTTP statuses of the next answers, 0 for a cut connection; `announced` are content lengths that
    are announced and never sent; `got` are the keys that were asked for. All objects have one ETag. So many times as
    `silent` says, whoever asks hears nothing until the server ends.
    """

    settings: ObjectStoreSettings
    objects: dict[bytes, bytes] = field(default_factory=dict)
    announced: dict[bytes, int] = field(default_factory=dict)
    archived: set[bytes] = field(default_factory=set)
    troubles: list[int] = field(default_factory=list)
    got: list[bytes] = field(default_factory=list)
    etag: str = "tag"
    headers: dict[str, str] = field(default_factory=dict)
    silent: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def listing(self, start: int) -> str:
        """Give a page of the listing as XML."""
        keys = sorted(self.objects)
        entries = "".join(
            f'<Contents><Key>{quote_plus(key)}</Key><ETag>"{self.etag}"</ETag>'
            f"<Size>{self.announced.get(key, len(self.objects[key]))}</Size></Contents>"
            for key in keys[start : start + _PAGE]
        )
        end = start + _PAGE
        truncated = str(end < len(keys)).lower()
        pages = f"<IsTruncated>{truncated}</IsTruncated><NextContinuationToken>{end}</NextContinuationToken>"
        return f"<ListBucketResult><EncodingType>url</EncodingType>{pages}{entries}</ListBucketResult>"


class _Server(ThreadingHTTPServer):
    served: AnyKeyServer


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        if self.server.served.silent:
            self.server.served.silent -= 1
            self.server.served.ended.wait()
            return
        if self.server.served.troubles:
            self._trouble(self.server.served.troubles.pop(0))
            return
        url = urlsplit("//host" + self.path)
        key = unquote_to_bytes(url.path).split(b"/", 2)[2:]
        if key and key[0]:
            self._get(key[0])
        else:
            start = parse_qs(url.query).get("continuation-token", ["0"])[0]
            self._answer(200, self.server.served.listing(int(start)).encode())

    do_HEAD = do_GET  # noqa: N815  # the name that http.server looks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _get(self, key: bytes) -> None:
        self.server.served.got.append(key)
        if key in self.server.served.archived:
            self._answer(403, b"<Error><Code>InvalidObjectState</Code></Error>")
        elif key in self.server.served.objects:
            self._answer(200, self.server.served.objects[key], self.server.served.announced.get(key))
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    def _trouble(self, status: int) -> None:
        if status == _CUT:
            self.close_connection = True
        else:
            self._answer(status, b"<Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>")

    def _answer(self, status: int, body: bytes, announced: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if announced is None else announced))
        self.send_header("ETag", f'"{self.server.served.etag}"')
        for name, value in self.server.served.headers.items():
            self.send_header(name, value)
        self.send_header("Last-Modified", "Mon, 02 Nov 2026 12:00:00 GMT")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


@contextmanager
def any_key_server() -> Iterator[AnyKeyServer]:
    """Serve one bucket, whatever it is called."""
    server = _Server(("127.0.0.1", 0), _Handler)
    endpoint = f"http://127.0.0.1:{server.server_port}"
    server.served = AnyKeyServer(
        settings=ObjectStoreSettings(endpoint=endpoint, access_key_id="id", secret_access_key=SecretStr("open sesame"))
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.served
    finally:
        server.served.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
