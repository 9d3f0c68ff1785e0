"""The S3 server behind the gate: requests are handed on, and answers handed back, as they are on the wire.

Only what HTTP defines for one connection is not handed on (RFC 9110, 7.6.1). The Host stays the client's, for it is
part of what the client has signed; so does every byte of the request's target.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from aiohttp import ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, hdrs
from aiohttp.web import BaseRequest, Response, StreamResponse
from multidict import CIMultiDict
from yarl import URL

_OF_ONE_CONNECTION = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
        *("te", "trailer", "transfer-encoding", "upgrade", "expect"),
    }
)
_ADDED_BY_CLIENT = (hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE, hdrs.USER_AGENT)
_WHOLE_BYTES = 256 * 2**10
"""Bodies up to this size are handed back in one piece, which costs fewer writes."""

Spoil = Callable[[AsyncIterator[bytes], int], AsyncIterator[bytes]]
"""Makes something else of a body of so many bytes."""


def open_session() -> ClientSession:
    """Open a pool of connections that decodes, stores, limits and adds nothing."""
    return ClientSession(
        connector=TCPConnector(limit=0),
        cookie_jar=DummyCookieJar(),
        timeout=ClientTimeout(total=None),
        auto_decompress=False,
        skip_auto_headers=_ADDED_BY_CLIENT,
    )


class Upstream:
    """One server."""

    def __init__(self, url: str, session: ClientSession) -> None:
        """Remember its address, such as http://127.0.0.1:9000."""
        self._url = url
        self._session = session

    @asynccontextmanager
    async def ask(self, request: BaseRequest) -> AsyncIterator[ClientResponse]:
        """Hand a request on; the answer's body is still to be read."""
        async with self._session.request(
            request.method,
            URL(self._url + request.raw_path, encoded=True),
            headers=_handed_on(request.raw_headers),
            data=request.content if request.body_exists else None,
            allow_redirects=False,
        ) as answer:
            yield answer

    async def hand_through(self, request: BaseRequest, spoil: Spoil | None = None) -> StreamResponse:
        """Ask, and hand the answer back."""
        async with self.ask(request) as answer:
            length = answer.content_length
            if spoil and answer.status in {200, 206} and length:
                return await _stream(request, answer, spoil(answer.content.iter_any(), length))
            if request.method != hdrs.METH_HEAD and length is not None and length <= _WHOLE_BYTES:
                return Response(status=answer.status, body=await answer.read(), headers=_headers_of(answer))
            return await _stream(request, answer, answer.content.iter_any())


def headers_without_length(answer: ClientResponse) -> CIMultiDict[str]:
    """Give the headers to hand back with another body."""
    headers = _headers_of(answer)
    headers.popall(hdrs.CONTENT_LENGTH, None)
    return headers


def _headers_of(answer: ClientResponse) -> CIMultiDict[str]:
    return _handed_on(answer.raw_headers)


def _handed_on(headers: Iterable[tuple[bytes, bytes]]) -> CIMultiDict[str]:
    """Leave out what is of one connection; names stay as they are written."""
    decoded = ((name.decode(), value.decode(errors="surrogateescape")) for name, value in headers)
    return CIMultiDict((name, value) for name, value in decoded if name.lower() not in _OF_ONE_CONNECTION)


async def _stream(request: BaseRequest, answer: ClientResponse, body: AsyncIterator[bytes]) -> StreamResponse:
    response = StreamResponse(status=answer.status, reason=answer.reason, headers=_headers_of(answer))
    await response.prepare(request)
    async for chunk in body:
        await response.write(chunk)
    await response.write_eof()
    return response
