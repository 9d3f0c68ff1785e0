"""Which files pretty_midi reads beside the scanner in a run, and what it means when the two disagree."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Self

from include.errors import ExtractionError
from include.scale.instruments import read_song
from include.scale.model import Extractor, Manifest, Reading, Song

LEAST_FILES = 20
"""Files that are audited in a run of any size, if there are so many and the fraction is not 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSample:
    """`files` of a manifest's objects, spread evenly over the listing, others in every run."""

    objects: int
    files: int
    shift: int

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """Draw the sample of a run, the same whoever draws it; none when pretty_midi reads all files anyway."""
        by_scanner = manifest.extractor is Extractor.SCANNER
        return cls(
            objects=manifest.object_count,
            files=sample_size(manifest.object_count, manifest.audit_fraction) if by_scanner else 0,
            shift=manifest.manifest_id * 7919 % manifest.object_count,
        )

    def holds(self, ordinal: int) -> bool:
        """Tell whether the object at this place of the listing is in it: systematic sampling, in integers."""
        return (ordinal * self.files + self.shift) % self.objects < self.files


def sample_size(objects: int, fraction: Decimal) -> int:
    """Give the number of files to audit."""
    return min(objects, max(LEAST_FILES, ceil(objects * fraction))) if fraction else 0


def audit(bucket: str, audited: Sequence[tuple[Reading, bytes]]) -> None:
    """Read contents with pretty_midi too; raise `ExtractionError` naming the first file that it reads otherwise."""
    for reading, content in audited:
        reference = read_song(content)
        agreed = reading.outcome == reference if isinstance(reference, Song) else not isinstance(reading.outcome, Song)
        if not agreed:
            raise ExtractionError(
                f"s3://{bucket}/{reading.key}: the scanner says {reading.outcome}, pretty_midi says {reference}. "
                "Nothing is published. Run again with `extractor: pretty_midi`, and report the file."
            )
