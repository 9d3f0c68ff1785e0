"""The words of the pipeline as types: what is read, what is frozen, what lands."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

InstrumentSet = frozenset[int]
"""General MIDI programs 0..127 of the notes that sound in a song."""


class Stage(StrEnum):
    """What a try of an Airflow task holds the fence of."""

    EXTRACT_INSTRUMENTS = "extract_instruments"
    SCORE_SIMILARITY = "score_similarity"
    PUBLISH = "publish"


class Extractor(StrEnum):
    """What finds the instruments in a song's bytes."""

    SCANNER = "scanner"
    PRETTY_MIDI = "pretty_midi"


class SimilarityMethod(StrEnum):
    """What finds the pairs of sets above the threshold."""

    MINHASH = "minhash"
    EXACT = "exact"


class Materialize(StrEnum):
    """Whether the relations are views on the tables of sets, or spelled out pair by pair."""

    SETS = "sets"
    PAIRS = "pairs"


class LandingMode(StrEnum):
    """How rows travel from Spark to the contract relations."""

    FENCED = "fenced"
    APPEND = "append"


@dataclass(frozen=True, slots=True, kw_only=True)
class MidiObject:
    """One object of the bucket as it was listed; `size` in bytes, `etag` without quotes."""

    key: str
    etag: str
    size: int


class ManifestRequest(BaseModel):
    """What a pipeline run is asked to land, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dag_run_id: str = Field(min_length=1)
    bucket: str = Field(min_length=1)
    prefix: str = ""
    min_instruments: Annotated[int, Field(ge=1, le=128)] = 3
    threshold: Annotated[Decimal, Field(ge=0, lt=1, description="pairs strictly above are kept")] = Decimal("0.5")
    extractor: Extractor = Extractor.SCANNER
    audit_fraction: Annotated[Decimal, Field(ge=0, le=1, description="share of files that pretty_midi reads too")] = (
        Decimal("0.01")
    )
    method: SimilarityMethod = SimilarityMethod.MINHASH
    materialize: Materialize = Materialize.SETS
    reuse_unchanged: bool = True
    landing: LandingMode = LandingMode.FENCED


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A frozen listing: the oracle of what must land. Its objects stay in the warehouse, cut into partitions.

    `reused_manifest_id` names the manifest whose readings of unchanged objects are carried over, if any.
    """

    manifest_id: int
    dag_run_id: str
    bucket: str
    prefix: str
    min_instruments: int
    threshold: Decimal
    extractor: Extractor
    audit_fraction: Decimal
    method: SimilarityMethod
    materialize: Materialize
    landing: LandingMode
    reused_manifest_id: int | None
    object_count: int
    partition_objects: int
    partitions: int
    content_digest: str
    frozen_at: datetime

    def ordinals(self, partition_id: int) -> range:
        """Give the places in the listing that a partition holds."""
        start = partition_id * self.partition_objects
        return range(start, min(start + self.partition_objects, self.object_count))


@dataclass(frozen=True, slots=True, kw_only=True)
class Song:
    """What an object is when it can be read: `programs` ascend."""

    programs: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why an object is not a song, in words."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An object of the manifest and what it is; `etag` is of the content that was read, None when none was."""

    key: str
    etag: str | None
    outcome: Song | Rejection
