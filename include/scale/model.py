"""The words of the pipeline as types: what is read, what is frozen, what lands."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

InstrumentSet = frozenset[int]
"""General MIDI programs 0..127 of the notes that sound in a song."""


class Stage(StrEnum):
    """What a try of an Airflow task holds the fence of."""

    EXTRACT_INSTRUMENTS = "extract_instruments"
    SCORE_SIMILARITY = "score_similarity"
    PUBLISH = "publish"


class Relation(StrEnum):
    """The relations that consumers read."""

    FILENAME_INSTRUMENT = "filename_instrument"
    QUARANTINED_FILE = "quarantined_file"
    FILEPAIR_SIMILARITY_SCORE = "filepair_similarity_score"


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
    """What a pipeline run is asked to land."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dag_run_id: str = Field(min_length=1)
    bucket: str = Field(min_length=1)
    prefix: str = ""
    min_instruments: Annotated[int, Field(ge=1, le=128)] = 3
    threshold: Annotated[Decimal, Field(ge=0, lt=1, description="pairs strictly above are kept")] = Decimal("0.5")
    landing: LandingMode = LandingMode.FENCED


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A frozen listing: the oracle of what must land. Its objects stay in the warehouse, cut into partitions."""

    manifest_id: int
    dag_run_id: str
    bucket: str
    prefix: str
    min_instruments: int
    threshold: Decimal
    landing: LandingMode
    object_count: int
    partitions: int
    content_digest: str
    frozen_at: datetime


class InstrumentRow(NamedTuple):
    """A row of `filename_instrument`."""

    filename: str
    instrument: int


class QuarantineRow(NamedTuple):
    """A row of `quarantined_file`."""

    filename: str
    reason: str


class SimilarPair(NamedTuple):
    """A row of `filepair_similarity_score`; `filename_a < filename_b`."""

    filename_a: str
    filename_b: str
    similarity_score: float
