"""Titles in memory: every search finds what looking at each title would find."""

from hypothesis import given
from hypothesis import strategies as st

from include.webapp.catalogue import Catalogue, fold, words_of
from include.webapp.model import Song, Stamp

_KEYS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=6)
_TITLES = st.text(st.sampled_from("aAbBéÉ \n\\ßn"), max_size=8)
_PROGRAMS = st.sets(st.sampled_from([0, 10, 92, 110, 127])).map(lambda programs: tuple(sorted(programs)))
_ROWS = st.dictionaries(_KEYS, st.tuples(_TITLES, _PROGRAMS), max_size=12)


def catalogue_of(songs: dict[str, tuple[str, tuple[int, ...]]]) -> Catalogue:
    """Read songs as the warehouse gives them: by key, byte by byte."""
    catalogue = Catalogue(stamp=Stamp(manifest_id=1))
    rows = [(key, *songs[key]) for key in sorted(songs, key=str.encode)]
    catalogue.add(rows[:3])
    catalogue.add(rows[3:])
    return catalogue


def found_by(catalogue: Catalogue, words: tuple[str, ...], limit: int) -> list[Song]:
    """Read all pages of a search."""
    found: list[Song] = []
    more = True
    while more:
        page = catalogue.find(words, after=found[-1].filename if found else "", limit=limit)
        found += page.items
        more = page.more
    return found


@given(_ROWS, st.lists(st.text(st.sampled_from("aAbé\\ns"), min_size=1, max_size=3), min_size=1, max_size=3))
def test_a_search_finds_the_titles_that_hold_all_words(
    songs: dict[str, tuple[str, tuple[int, ...]]], asked: list[str]
) -> None:
    """In the order of their keys, each once over all pages, and every song comes out as it went in."""
    words = words_of(" ".join(asked))
    expected = [
        Song(filename=key, title=songs[key][0], known_path=None, programs=songs[key][1])
        for key in sorted(songs, key=str.encode)
        if all(word in fold(songs[key][0]) for word in words)
    ]
    assert found_by(catalogue_of(songs), words, limit=2) == expected


@given(_ROWS)
def test_songs_are_counted_by_instrument_and_by_family(songs: dict[str, tuple[str, tuple[int, ...]]]) -> None:
    """A song with two pianos is one song of the family."""
    counts = catalogue_of(songs).songs_with
    with_program = [programs for _, programs in songs.values()]
    assert counts["glockenspiel"] == 0
    assert counts["music-box"] == sum(10 in programs for programs in with_program)
    assert counts["sound-effects"] == sum(127 in programs for programs in with_program)


def test_a_search_knows_no_case_and_no_accents() -> None:
    """As one types on a phone."""
    catalogue = catalogue_of({"a": ("Déjà  Vu", (1,)), "b": ("STRASSE", (1,)), "c": ("Other", ())})
    assert [song.title for song in found_by(catalogue, words_of("VU deja"), 9)] == ["Déjà  Vu"]
    assert [song.title for song in found_by(catalogue, words_of("straße"), 9)] == ["STRASSE"]
    assert found_by(catalogue, words_of("other vu"), 9) == []
