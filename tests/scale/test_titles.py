"""Claims about titles of songs."""

import json
from pathlib import Path

import pytest

from include.errors import CorpusError
from include.scale.fenced_landing import FencedLanding
from include.scale.titles import load_titles
from tests.scale.conftest import Bucket, Freeze
from tests.scale.test_scoring import freeze_songs, land, read

KNOWN, UNKNOWN = "d41d8cd98f00b204e9800998ecf8427e", "0" * 32


@pytest.fixture
def names(tmp_path: Path) -> Path:
    """A file in the dataset's format."""
    file = tmp_path / "md5_to_paths.json"
    file.write_text(json.dumps({KNOWN: ["./A Band/Their Song.v2.mid", "./z.mid"], "1" * 32: []}))
    return file


def test_songs_have_titles(bucket: Bucket, landing: FencedLanding, freeze: Freeze, names: Path) -> None:
    """A song named by a known MD5 gets the file name of its path, another its own; loading again changes nothing."""
    songs = {f"lmd/{KNOWN}.mid": frozenset({1, 2, 3}), f"{UNKNOWN}.mid": frozenset({1}), "x/Other.kar": frozenset({2})}
    land(landing, freeze_songs(bucket, landing, freeze, songs), songs, 1)
    assert load_titles(landing.warehouse, names) == load_titles(landing.warehouse, names) == 1
    assert read(landing, "SELECT filename, title, known_path FROM song WHERE known_path IS NOT NULL") == [
        (f"lmd/{KNOWN}.mid", "Their Song.v2", "./A Band/Their Song.v2.mid")
    ]
    assert read(landing, "SELECT title FROM song WHERE known_path IS NULL") == [(UNKNOWN,), ("Other",)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "the whole file: Input should be"),
        ("{", "the whole file: Invalid JSON"),
        (json.dumps({KNOWN: "a path"}), f"{KNOWN}: Input should be a valid array"),
        (json.dumps({"D41D": ["a path"]}), "'D41D' is not an MD5"),
    ],
)
def test_a_wrong_file_is_named(landing: FencedLanding, names: Path, content: str, said: str) -> None:
    """The message names the file and the entry, and nothing is stored."""
    names.write_text(content)
    with pytest.raises(CorpusError, match=said) as error:
        load_titles(landing.warehouse, names)
    assert str(names) in str(error.value)
    assert read(landing, "SELECT * FROM scale.title") == []
