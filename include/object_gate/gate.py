"""The gate itself: every request passes through it to the S3 server, and the rules that stand spoil what they cover."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from xml.sax.saxutils import escape

from aiohttp import ClientError, hdrs
from aiohttp.web import BaseRequest, Response, StreamResponse

from include.object_gate.listing import without_hidden
from include.object_gate.rule_book import RuleBook
from include.object_gate.rules import (
    ChangedObject,
    CorruptObject,
    Effect,
    ErrorAnswer,
    Latency,
    MissingObject,
    TruncatedBody,
)
from include.object_gate.s3_request import Operation, S3Request
from include.object_gate.upstream import Upstream, headers_without_length

_NO_SUCH_KEY = ErrorAnswer(status=404, code="NoSuchKey", message="The specified key does not exist.")


class Gate:
    """Answers requests; with no rule it only hands them through."""

    def __init__(self, upstream: Upstream, book: RuleBook) -> None:
        """Stand before a server, under a book's rules."""
        self._upstream = upstream
        self._book = book

    async def __call__(self, request: BaseRequest) -> StreamResponse:
        """Answer one request; where the server breaks the connection or has none, the client's breaks too."""
        try:
            if not self._book:
                return await self._upstream.hand_through(request)
            return await self._under_rules(request)
        except (ClientError, OSError):
            if request.transport:
                request.transport.abort()
            return Response()  # which nobody gets

    async def _under_rules(self, request: BaseRequest) -> StreamResponse:
        asked = S3Request.of(request.method, request.raw_path)
        for rule in self._book.on_request(asked):
            match rule.effect:
                case ErrorAnswer() as refusal:
                    return _refusal(request, asked, refusal)
                case Latency(seconds=seconds):
                    await asyncio.sleep(seconds)
        match asked.operation:
            case Operation.GET | Operation.HEAD if struck := self._book.on_object(asked):
                return await self._spoilt(request, asked, struck.effect)
            case Operation.LIST if is_hidden := self._book.hides(asked.bucket):
                return await self._listing(request, is_hidden)
        return await self._upstream.hand_through(request)

    async def _listing(self, request: BaseRequest, is_hidden: Callable[[str], bool]) -> Response:
        async with self._upstream.ask(request) as answer:
            body = without_hidden(await answer.read(), is_hidden)
            return Response(status=answer.status, body=body, headers=headers_without_length(answer))

    async def _spoilt(self, request: BaseRequest, asked: S3Request, effect: Effect) -> StreamResponse:
        match effect:
            case MissingObject():
                return _refusal(request, asked, _NO_SUCH_KEY)
            case ChangedObject():
                return _overwritten(asked)
            case CorruptObject(flips=flips):
                return await self._upstream.hand_through(request, lambda body, size: _flipped(body, size, flips))
            case TruncatedBody(keep=keep):
                return await self._cut(request, keep)
        return await self._upstream.hand_through(request)

    async def _cut(self, request: BaseRequest, keep: float) -> StreamResponse:
        response = await self._upstream.hand_through(request, lambda body, size: _first(body, int(size * keep)))
        if request.transport:
            request.transport.close()
        return response


def _refusal(request: BaseRequest, asked: S3Request, answer: ErrorAnswer) -> Response:
    said = f"<Code>{escape(answer.code)}</Code><Message>{escape(answer.message)}</Message>"
    place = escape(f"/{asked.bucket}/{asked.key}".encode(errors="replace").decode())
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{said}<Resource>{place}</Resource></Error>'
    body = None if request.method == hdrs.METH_HEAD else xml.encode()
    return Response(status=answer.status, body=body, content_type="application/xml")


def _overwritten(asked: S3Request) -> Response:
    """Give what another writer might have put there: the same at every request, and in no way the object listed."""
    content = f"overwritten: {asked.key}".encode(errors="surrogateescape")
    etag = f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
    return Response(body=content, headers={hdrs.ETAG: etag, hdrs.LAST_MODIFIED: "Thu, 01 Jan 2026 00:00:00 GMT"})


async def _flipped(body: AsyncIterator[bytes], size: int, flips: int) -> AsyncIterator[bytes]:
    """Flip the lowest bit of so many bytes, spread over the body."""
    places = {size * (flip + 1) // (flips + 1) for flip in range(flips)}
    offset = 0
    async for chunk in body:
        spoilt = bytearray(chunk)
        for place in places:
            if offset <= place < offset + len(chunk):
                spoilt[place - offset] ^= 1
        offset += len(chunk)
        yield bytes(spoilt)


async def _first(body: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """Give so many bytes."""
    async for chunk in body:
        yield chunk[:size]
        size -= min(size, len(chunk))
        if not size:
            return
