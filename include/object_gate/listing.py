"""Listings with keys left out; all other bytes of the XML stay as the server wrote them."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import unquote_to_bytes

_ENTRY = re.compile(rb"<Contents>.*?</Contents>", re.DOTALL)
_KEY = re.compile(rb"<Key>(.*?)</Key>", re.DOTALL)
_COUNT = re.compile(rb"<KeyCount>(\d+)</KeyCount>")
_ENCODED = re.compile(rb"<EncodingType>\s*url\s*</EncodingType>")


def without_hidden(xml: bytes, is_hidden: Callable[[str], bool]) -> bytes:
    """Leave the entries out whose keys are hidden, and count the others."""
    encoded = bool(_ENCODED.search(xml))
    left_out = 0

    def keep(entry: re.Match[bytes]) -> bytes:
        nonlocal left_out
        key = _KEY.search(entry[0])
        if key is None or not is_hidden(_plain(key[1], encoded=encoded)):
            return entry[0]
        left_out += 1
        return b""

    kept = _ENTRY.sub(keep, xml)
    return _COUNT.sub(lambda count: b"<KeyCount>%d</KeyCount>" % (int(count[1]) - left_out), kept)


def _plain(written: bytes, *, encoded: bool) -> str:
    text = unescape(written.decode(errors="surrogateescape"))
    if not encoded:
        return text
    return unquote_to_bytes(text.replace("+", " ").encode(errors="surrogateescape")).decode(errors="surrogateescape")
