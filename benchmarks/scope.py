"""How much is measured: the sizes of one run of the benchmark."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The sizes of one run; a comparison is measured on both sides unless its line says that it was scaled."""

    seed: int
    corpus: Path | None
    """A folder of real MIDI files for the parts in which only bytes count; generated files when None."""

    scanned_files: int
    """Files read by pretty_midi, of which there are about 14 a second."""
    fetched_objects: int
    fetched_in_sequence: int
    """Objects of the delayed sequential GETs, which take 22 ms each."""
    compared_songs: tuple[int, ...]
    """Corpora joined by MLlib, by datasketch and by us, from the smallest to the largest."""
    larger_songs: tuple[int, ...]
    """Corpora joined by us alone."""
    landed_songs: int
    """Synthetic songs whose similar pairs are landed both ways."""
    accounted_rows: int
    """Rows that are accounted for, one of them wrong."""
    fetched_rows: int
    """Rows of the accounting that fetches all of them into memory, scaled up."""
    pipeline_files: int
    """Files of the whole pipeline, measured on both sides."""
    scaled_files: int
    """Files of the whole pipeline of which the original reads `sampled_files`, scaled up."""
    sampled_files: int


def full_scope(*, songs: int, seed: int, corpus: Path | None) -> Scope:
    """Give the sizes that the targets name."""
    return Scope(
        seed=seed,
        corpus=corpus,
        scanned_files=700,
        fetched_objects=2_000,
        fetched_in_sequence=300,
        compared_songs=(2_000, 10_000),
        larger_songs=(45_000, 178_000),
        landed_songs=45_000,
        accounted_rows=10_000_000,
        fetched_rows=1_000_000,
        pipeline_files=songs,
        scaled_files=10 * songs,
        sampled_files=min(500, songs),
    )


def quick_scope(*, songs: int, seed: int, corpus: Path | None) -> Scope:
    """Give sizes that show that everything runs, and little more."""
    return Scope(
        seed=seed,
        corpus=corpus,
        scanned_files=100,
        fetched_objects=500,
        fetched_in_sequence=100,
        compared_songs=(1_000, 2_000),
        larger_songs=(10_000,),
        landed_songs=10_000,
        accounted_rows=300_000,
        fetched_rows=100_000,
        pipeline_files=min(songs, 300),
        scaled_files=3_000,
        sampled_files=100,
    )
