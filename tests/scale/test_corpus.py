"""Claims about the synthetic corpus: the same for the same seed, valid where it says so, distributed as in the wild."""

from itertools import combinations
from statistics import mean, median

import pytest

from include.scale.corpus import BROKEN_SHARE, CorpusFile, Defect, generate_corpus
from include.scale.instruments import read_song
from include.scale.model import Rejection, Song


@pytest.fixture(scope="module")
def corpus() -> list[CorpusFile]:
    """A corpus large enough for its distribution to show."""
    return list(generate_corpus(2000, seed=1))


def test_a_seed_gives_the_same_files(corpus: list[CorpusFile]) -> None:
    """Files are equal to the byte, and a shorter corpus is the beginning of a longer one."""
    assert list(generate_corpus(100, seed=1)) == corpus[:100]


def test_seeds_differ(corpus: list[CorpusFile]) -> None:
    """Another seed has other names and other contents."""
    assert {file.name for file in generate_corpus(100, seed=2)}.isdisjoint(file.name for file in corpus)


def test_names_are_unique(corpus: list[CorpusFile]) -> None:
    """So many songs asked for, so many objects."""
    assert len({file.name for file in corpus}) == len(corpus)


def test_songs_sound_as_they_say(corpus: list[CorpusFile]) -> None:
    """pretty_midi finds exactly the programs of each song, whatever traps are in it, and rejects each broken file."""
    for file in corpus[:150]:
        read = read_song(file.content)
        assert isinstance(read, Rejection) if file.defect else read == Song(programs=tuple(sorted(file.programs)))


@pytest.mark.parametrize("defect", Defect)
def test_every_defect_is_rejected(corpus: list[CorpusFile], defect: Defect) -> None:
    """Three files of each defect are refused with a reason in words."""
    for file in [file for file in corpus if file.defect is defect][:3]:
        read = read_song(file.content)
        assert isinstance(read, Rejection)
        assert read.reason


def test_instrument_sets_are_as_large_as_real_ones(corpus: list[CorpusFile]) -> None:
    """Of songs with 3 programs or more: mean 7, p5 3, median 6, p95 13, p99 17, as measured on real files."""
    sizes = sorted(len(file.programs) for file in corpus if len(file.programs) >= 3)
    assert mean(sizes) == pytest.approx(7, abs=0.3)
    assert median(sizes) == 6
    assert sizes[len(sizes) * 5 // 100] == 3
    assert sizes[len(sizes) * 95 // 100] == pytest.approx(13, abs=1)
    assert sizes[len(sizes) * 99 // 100] == pytest.approx(17, abs=1)


def test_sets_repeat_and_resemble_as_real_ones(corpus: list[CorpusFile]) -> None:
    """About a tenth of the songs share their set; a random pair scores above 0.5 about 0.27 % of the time."""
    sets = [file.programs for file in corpus if len(file.programs) >= 3][:1000]
    assert 0.8 < len(set(sets)) / len(sets) < 0.97
    alike = mean(3 * len(a & b) > len(a) + len(b) for a, b in combinations(sets, 2))
    assert 0.0015 < alike < 0.005


def test_some_files_are_broken(corpus: list[CorpusFile]) -> None:
    """The share of broken files is the stated one, and every defect occurs."""
    broken = [file.defect for file in corpus if file.defect]
    assert len(broken) / len(corpus) == pytest.approx(BROKEN_SHARE, rel=0.3)
    assert set(broken) == set(Defect)


def test_songs_are_small(corpus: list[CorpusFile]) -> None:
    """About 4 KB in the mean, so that a demonstration's parsing takes seconds."""
    assert 3000 < mean(len(file.content) for file in corpus) < 6000
