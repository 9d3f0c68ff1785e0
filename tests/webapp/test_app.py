"""What the recommender answers while the warehouse is there."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from include.webapp.warehouse import Warehouse
from tests.scale.servers import PostgresServer
from tests.webapp.conftest import CONNECTIONS, LOGIN, Listener, links_of, listening_to
from tests.webapp.landed import THRESHOLD, Landing, jaccard

VIOLIN, CELLO, FLUTE, PIANO, DRUM = 40, 42, 73, 0, 118

SONGS = {
    "lmd/b/Quartet No. 1.mid": (VIOLIN, 41, CELLO),
    "lmd/b/Quartet No. 2.mid": (VIOLIN, 41, CELLO),
    "lmd/a/Quintet.kar": (PIANO, VIOLIN, 41, CELLO),
    "lmd/c/Sonata.mid": (PIANO, FLUTE),
    "lmd/silence.mid": (),
    "lmd/d/March.mid": (56, 57, 58, DRUM),
}

HOSTILE = [
    "a b  c.mid",
    "quote'\"`<b>&amp;.mid",
    "line\nbreak\ttab.mid",
    "//double//slash/",
    "../../etc/passwd",
    "..",
    "100%41%2F.mid",
    "a?b=c&filename=d#e;f+g",
    "ключ/ключ 🎹.mid",
    "\u202egnos.mid",
    "back\\slash\\n.mid",
    "javascript:alert(1)",
    "x" * 1024,
    " ",
]


@pytest.fixture(scope="module")
def landed(server: PostgresServer) -> Iterator[Listener]:
    """A listener to `SONGS`, for all tests that only read."""
    landing = Landing(server)
    landing.publish(SONGS)
    with Warehouse(landing.settings, connections=CONNECTIONS) as warehouse:
        listener = listening_to(warehouse)
        listener.look()
        yield listener


def filenames(songs: list[dict[str, str]]) -> list[str]:
    return [song["filename"] for song in songs]


def test_songs_are_found_by_instrument(landed: Listener) -> None:
    """By the name of the instrument, and by that of its family."""
    assert filenames(landed.json("/api/songs?instrument=acoustic-grand-piano")["songs"]) == [
        "lmd/a/Quintet.kar",
        "lmd/c/Sonata.mid",
    ]
    strings = landed.json("/api/songs?family=strings")
    assert filenames(strings["songs"]) == [key for key in sorted(SONGS) if VIOLIN in SONGS[key]]
    assert strings["stale_since"] is None
    page = landed.page("/instrument/flute")
    assert "Sonata" in page
    assert "Acoustic Grand Piano, Flute" in page
    assert "No songs" in landed.page("/instrument/gunshot")


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_follow_each_other_without_gap_or_repetition(landed: Listener, limit: int) -> None:
    """Each begins beyond the last key of the page before."""
    songs = landed.all_pages(f"/api/songs?family=strings&limit={limit}", "songs")
    assert filenames(songs) == [key for key in sorted(SONGS) if VIOLIN in SONGS[key]]


def test_similar_songs_come_with_what_they_share(landed: Listener) -> None:
    """The most similar first, by the score of the warehouse."""
    filename = "lmd/a/Quintet.kar"
    answer = landed.json(f"/api/similar?filename={quote(filename)}")
    assert answer["song"]["title"] == "Quintet"
    assert [it["name"] for it in answer["song"]["instruments"]] == ["Acoustic Grand Piano", "Violin", "Viola", "Cello"]
    assert [(it["filename"], it["score"], len(it["shared"])) for it in answer["similar"]] == [
        ("lmd/b/Quartet No. 1.mid", 0.75, 3),
        ("lmd/b/Quartet No. 2.mid", 0.75, 3),
    ]
    page = landed.page(f"/song?filename={quote(filename)}")
    assert "3 of 4 shared" in page
    assert "Quartet No. 1" in page


def test_neighbours_are_paged_by_score_and_key(landing: Landing, listener: Listener) -> None:
    """Many have the same score; every neighbour comes once, in the same order, whatever the size of a page."""
    sets = [tuple(range(size)) for size in range(4, 8)]
    songs = {f"song {number:02}": sets[number % len(sets)] for number in range(30)}
    landing.publish(songs)
    listener.look()
    own = songs["song 00"]
    scores = {key: jaccard(own, theirs) for key, theirs in songs.items() if key != "song 00"}
    expected = sorted((-score, key) for key, score in scores.items() if score > THRESHOLD)
    for limit in (1, 4, 100):
        found = listener.all_pages(f"/api/similar?filename=song%2000&limit={limit}", "similar")
        assert [(-it["score"], it["filename"]) for it in found] == expected


def test_songs_are_found_by_title(landed: Listener) -> None:
    """By parts of words, in any order."""
    assert filenames(landed.json("/api/search?q=quart%20no")["songs"]) == [
        "lmd/b/Quartet No. 1.mid",
        "lmd/b/Quartet No. 2.mid",
    ]
    assert filenames(landed.all_pages("/api/search?q=QU&limit=1", "songs")) == [
        key for key in sorted(SONGS) if "/Qu" in key
    ]
    assert "Sonata" in landed.page("/search?q=sonat")
    assert "No title holds all of these words" in landed.page("/search?q=symphony")
    assert landed.get("/search?q=+").location == "/"


def test_names_of_the_data_set_are_shown(landing: Landing, listener: Listener) -> None:
    """A song that is named by its MD5 has the title of the path that is known for it."""
    landing.name({"d" * 32: "./A Band/Their Song.mid"})
    landing.publish({f"{'d' * 32}.mid": (1, 2, 3)})
    listener.look()
    assert listener.json("/api/search?q=their")["songs"][0]["title"] == "Their Song"
    assert "./A Band/Their Song.mid" in listener.page(f"/song?filename={'d' * 32}.mid")


def test_any_key_can_be_reached_by_links(landing: Landing, listener: Listener) -> None:
    """Whatever a bucket allows in a name: from the list to the song, and from there to its neighbours and back."""
    landing.publish(dict.fromkeys(HOSTILE, (1, 2, 3)))
    listener.look()
    songs = listener.all_pages("/api/songs?family=piano&limit=3", "songs")
    assert filenames(songs) == sorted(HOSTILE, key=str.encode)
    links = [link for link in links_of(listener.page("/family/piano")) if link.startswith("/song")]
    assert len(links) == len(HOSTILE)
    for link, key in zip(links, sorted(HOSTILE, key=str.encode), strict=True):
        assert listener.json(link.replace("/song", "/api/song"))["song"]["filename"] == key
        neighbours = [near for near in links_of(listener.page(link)) if near.startswith("/song")]
        assert set(neighbours) == set(links) - {link}


def test_nothing_in_a_name_becomes_markup(landing: Landing, listener: Listener) -> None:
    """And no script would run if it did."""
    landing.publish({'<script>alert(1)</script>"onload=x': (1, 2, 3)})
    listener.look()
    for path in ("/family/piano", "/search?q=script", "/search?q=%3Cscript%3E"):
        answer = listener.get(path)
        assert "<script" not in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/song?filename=a", "/api/instruments", "/static/style.css", "/nowhere"])
def test_strangers_are_asked_for_a_login(landed: Listener, path: str) -> None:
    """Wrong ones too."""
    for login in (None, ("listener", "guess"), ("guess", LOGIN[1]), ("ü", "ü")):
        answer = landed.client.get(path, auth=login)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert "chaos-control password" in answer.text


def test_probes_need_no_login(listener: Listener) -> None:
    """They learn nothing but how it is."""
    assert listener.client.get("/healthz").json == {"alive": True}
    assert listener.client.get("/readyz").status_code == 503
    listener.recommender.watch.look()
    assert listener.client.get("/readyz").json == {
        "ready": True,
        "answers_from": "warehouse",
        "stale_since": None,
        "kept_answers": 0,
        "songs_in_memory": 0,
    }


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/songs", "either `instrument` or `family`"),
        ("/api/songs?instrument=violin&family=strings", "either `instrument` or `family`"),
        ("/api/songs?instrument=violin&limit=0", "`limit` from 1 to 100"),
        ("/api/songs?instrument=violin&limit=101", "`limit` from 1 to 100"),
        ("/api/songs?instrument=violin&limit=%D9%A3", "`limit` from 1 to 100"),
        ("/api/songs?instrument=violin&limit=" + "9" * 5000, "`limit` from 1 to 100"),
        ("/api/songs?instrument=violin&after=" + "x" * 1025, "at most 1024 bytes"),
        ("/api/songs?instrument=violin&instrument=viola", "more than once"),
        ("/api/song", "`filename`"),
        ("/api/song?filename=", "`filename`"),
        ("/api/song?filename=a%00b", "no NUL"),
        ("/api/song?filename=%FF", "not UTF-8"),
        ("/api/similar?filename=a&score=0.5", "`score` and `after` together"),
        ("/api/similar?filename=a&score=high&after=b", "`score` from 0 to 1"),
        ("/api/similar?filename=a&score=nan&after=b", "`score` from 0 to 1"),
        ("/api/search", "`q`"),
        ("/api/search?q=%20", "`q`"),
        ("/api/search?q=" + "x" * 101, "at most 100 characters"),
        ("/api/search?" + "&".join(f"{number}=1" for number in range(11)), "more than 10 parameters"),
    ],
)
def test_wrong_input_is_explained(landed: Listener, path: str, said: str) -> None:
    """As JSON here, and as a page to those who read pages."""
    answer = landed.get(path)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["status"] == 400
    assert said in answer.json["error"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/instrument/kazoo", "no instrument &#39;kazoo&#39;"),
        ("/family/kazoos", "no family"),
        ("/song?filename=nobody", "No song of this name has landed"),
        ("/nowhere", "not found on the server"),
        ("/instrument/%FF%00", "no instrument"),
    ],
)
def test_what_is_not_there_is_explained(landed: Listener, path: str, said: str) -> None:
    """On a page that leads back."""
    answer = landed.get(path)
    assert answer.status_code == 404
    assert said in answer.text
    assert "/" in links_of(answer.text)


def test_before_the_first_run_there_are_no_songs(server: PostgresServer, landing: Landing, listener: Listener) -> None:
    """Neither without a publication, nor without tables: that is no error."""
    listener.look()
    assert "No songs have landed yet" in listener.page("/")
    assert listener.json("/api/songs?instrument=violin") == {"songs": [], "next": None, "stale_since": None}
    with Warehouse(server.create_database(), connections=CONNECTIONS) as bare:
        early = listening_to(bare)
        early.look()
        assert "No songs have landed yet" in early.page("/")
        assert early.get("/song?filename=a").status_code == 404


def test_a_new_publication_replaces_what_was_kept(landing: Landing, listener: Listener) -> None:
    """Seen at the next look, on the pages and in what is searched."""
    landing.publish({"old": (VIOLIN, 1, 2)})
    listener.look()
    assert filenames(listener.json("/api/songs?instrument=violin")["songs"]) == ["old"]
    landing.publish({"new": (VIOLIN, 1, 2), "newer": (VIOLIN, 1)})
    listener.look()
    assert filenames(listener.json("/api/songs?instrument=violin")["songs"]) == ["new", "newer"]
    assert listener.get("/song?filename=old").status_code == 404
    assert filenames(listener.json("/api/search?q=old")["songs"]) == []


def test_a_publication_still_being_appended_to_is_asked_for_each_time(landing: Landing, listener: Listener) -> None:
    """Its rows change under the same stamp."""
    landing.publish({"first": (VIOLIN,)}, finished=False)
    listener.recommender.watch.look()
    assert filenames(listener.json("/api/songs?instrument=violin")["songs"]) == ["first"]
    with landing.connect() as connection:
        connection.execute(
            "INSERT INTO scale.reading (manifest_id, partition_id, filename, programs)"
            " SELECT manifest_id, 1, 'second', '{40}' FROM scale.publication"
        )
    assert filenames(listener.json("/api/songs?instrument=violin")["songs"]) == ["first", "second"]
