"""What listeners ask: addresses of each route, about songs asked for before or for the first time."""

from collections.abc import Callable, Iterator, Mapping
from random import Random
from urllib.parse import quote

from benchmarks.songs import song_name
from include.webapp.general_midi import FAMILIES, INSTRUMENTS

ADJECTIVES = ("Blue", "Lonely", "Golden", "Broken", "Silent", "Electric", "Lost", "Summer", "Midnight", "Crazy")
NOUNS = ("Train", "Heart", "River", "Dance", "Waltz", "Road", "Rain", "Lady", "Dream", "Fugue", "Garden", "Machine")

_KNOWN = 50
"""Songs that everybody asks for; few, so that every worker has been asked for each."""


def title_of(number: int) -> str:
    """Give the title of a synthetic song: words that recur and a number that does not."""
    random = Random(number)  # noqa: S311  # dice, not secrets
    return f"{random.choice(ADJECTIVES)} {random.choice(NOUNS)} of the {random.choice(NOUNS)} no. {number}"


class Questions:
    """Addresses without end, by route; `unseen` songs are asked for once in the life of this object."""

    def __init__(self, songs: int, seed: int) -> None:
        """Ask about so many synthetic songs."""
        self._random = Random(seed)  # noqa: S311  # dice, not secrets
        self._songs = songs
        order = list(range(songs))
        self._random.shuffle(order)
        self._known, self._new = order[:_KNOWN], iter(order[_KNOWN:])

    def routes(self) -> Mapping[str, Iterator[str]]:
        """Give each route's addresses."""
        return {
            "the start page": self._endless(lambda: "/"),
            "songs by instrument": self._endless(self._by_instrument),
            "songs by family": self._endless(lambda: f"/family/{self._random.choice(FAMILIES).slug}"),
            "search by title": self._endless(self._search),
            "a song's page, asked for before": self._endless(self.known_song),
            "a song's page, for the first time": self._endless(self.new_song),
            "JSON: similar songs, asked for before": self._endless(lambda: self._similar(self.known_song())),
            "JSON: similar songs, for the first time": self._endless(lambda: self._similar(self.new_song())),
        }

    def mixed(self, share_of_new: float) -> Iterator[str]:
        """Give what listeners ask who mostly ask for what others have asked for."""
        while True:
            new = self._random.random() < share_of_new
            kinds = (self.new_song,) if new else (self.known_song, self._by_instrument, self._search, lambda: "/")
            yield self._random.choice(kinds)()

    def known(self) -> Iterator[str]:
        """Give each address once of what everybody asks for."""
        yield "/"
        yield from (self._song(number) for number in self._known)
        yield from (f"/instrument/{instrument.slug}" for instrument in INSTRUMENTS)

    def known_song(self) -> str:
        """Give the page of a song that others have asked for."""
        return self._song(self._random.choice(self._known))

    def new_song(self) -> str:
        """Give the page of a song that nobody has asked for."""
        return self._song(next(self._new))

    def _by_instrument(self) -> str:
        return f"/instrument/{self._random.choice(INSTRUMENTS).slug}"

    def _search(self) -> str:
        words = (self._random.choice(NOUNS), self._random.choice(ADJECTIVES), str(self._random.randrange(self._songs)))
        return f"/search?q={quote(' '.join(words[: self._random.randint(1, 3)]))}"

    def _song(self, number: int) -> str:
        return f"/song?filename={quote(song_name(number))}"

    def _similar(self, page: str) -> str:
        return page.replace("/song", "/api/similar")

    def _endless(self, ask: Callable[[], str]) -> Iterator[str]:
        while True:
            yield ask()
