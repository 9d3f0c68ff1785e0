"""What a request asks, read strictly: a key may hold anything that a name in a bucket may, so it is taken as it is.

Keys stand in the query, never in the path: there, `//`, `..` and `%2F` mean something to whatever lies between.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import request

from include.webapp.catalogue import words_of
from include.webapp.model import Beyond
from include.webapp.refusals import wrong

PAGE = 30
MOST_ON_A_PAGE = 100
_MOST_OCTETS = 1024
"""Of a key in S3."""
_MOST_SEARCHED = 100
_MOST_FIELDS = 10


@dataclass(frozen=True, slots=True)
class Question:
    """The parameters of a request by name; each is given once, or is refused."""

    given: dict[str, str]

    @classmethod
    def asked(cls) -> "Question":
        """Read the request's query, which must be UTF-8."""
        try:
            query = request.query_string.decode()
            pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
        except UnicodeDecodeError as error:
            raise wrong("The address holds bytes that are not UTF-8; no song can be named so.") from error
        except ValueError as error:
            raise wrong(f"The address has more than {_MOST_FIELDS} parameters.") from error
        if len(given := dict(pairs)) < len(pairs):
            raise wrong("The address gives a parameter more than once.")
        return cls(given)

    def filename(self) -> str:
        """Give the song that is asked for."""
        if not (filename := self._key("filename")):
            raise wrong("Expected the parameter `filename`: the key of a song, as the lists give it.")
        return filename

    def after(self) -> str:
        """Give the key beyond which a page begins."""
        return self._key("after")

    def beyond(self) -> Beyond | None:
        """Give the neighbour beyond which a page begins; None for the first page."""
        given = {"score", "after"} & self.given.keys()
        if not given:
            return None
        if len(given) == 1:
            raise wrong("Expected `score` and `after` together: both are of the last song on the page before.")
        return Beyond(score=self._score(), filename=self._key("after"))

    def limit(self) -> int:
        """Give how many songs a page has."""
        text = self.given.get("limit", str(PAGE))
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST_ON_A_PAGE):
            raise wrong(f"Expected `limit` from 1 to {MOST_ON_A_PAGE}, not {text[:20]!r}.")
        return int(text)

    def words(self) -> tuple[str, ...]:
        """Give the words that are searched for."""
        text = self.given.get("q", "")
        if len(text) > _MOST_SEARCHED:
            raise wrong(f"Expected at most {_MOST_SEARCHED} characters to search for, not {len(text)}.")
        if not (words := words_of(text)):
            raise wrong("Expected the parameter `q`: a word of a title, or several.")
        return words

    def _key(self, name: str) -> str:
        key = self.given.get(name, "")
        if "\x00" in key or len(key.encode()) > _MOST_OCTETS:
            raise wrong(f"Expected `{name}` to be a key: at most {_MOST_OCTETS} bytes, and no NUL.")
        return key

    def _score(self) -> float:
        try:
            score = float(self.given["score"])
        except ValueError:
            score = -1.0
        if not 0 <= score <= 1:
            raise wrong(f"Expected `score` from 0 to 1, not {self.given['score'][:20]!r}.")
        return score
