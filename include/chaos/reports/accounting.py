"""The row accounting as a report shows it, with whether it adds up. Pure."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import computed_field

from include.chaos.events import RowsVerified
from include.chaos.model import (
    ManifestAccount,
    Moment,
    QuarantineAccount,
    RelationAccount,
    RelationComparison,
    RowOutcome,
)
from include.chaos.reports.section import Part, Section, Text
from include.chaos.timeline import Timeline


class Samples(Part):
    """Some `of` the rows, or objects of the manifest, that had one outcome."""

    outcome: RowOutcome
    of: int
    rows: tuple[Text, ...]


class Compared(Part):
    """How a relation was compared: by digests of buckets, then row by row where these differed."""

    buckets: int
    differing: int
    rows_moved: int


class RelationRows(Part):
    """What became of every row of one relation."""

    relation: Text
    expected: int
    landed: int
    lost: int
    duplicated: int
    corrupted: int
    unexpected: int
    compared: Compared | None
    samples: tuple[Samples, ...]

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def adds_up(self) -> bool:
        """Whether each expected row has one outcome."""
        return self.expected == self.landed + self.lost + self.corrupted

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def intact(self) -> bool:
        """Whether exactly the expected rows are there."""
        return self.adds_up and not (self.lost or self.duplicated or self.corrupted or self.unexpected)

    @property
    def in_table(self) -> int:
        """How many rows the relation must have for these counts to be right."""
        return self.landed + self.corrupted + self.duplicated + self.unexpected


class Unexplained(Part):
    """How many quarantined rows do not say why, and some of their keys."""

    relation: Text
    without_reason: int
    keys: tuple[Text, ...]


class ManifestRows(Part):
    """What became of every object of the manifest; `changed` since it was frozen, None where that was not seen."""

    objects: int
    landed: int
    quarantined: int
    lost: int
    changed: bool | None
    samples: tuple[Samples, ...]

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def adds_up(self) -> bool:
        """Whether each object has one outcome."""
        return self.objects == self.landed + self.quarantined + self.lost


class Accounting(Section):
    """All relations; `why_not` says why there is no account, where there is none.

    `publication_read` is whether it could be told whose publication consumers read.
    """

    heading: ClassVar = "Row accounting"
    relations: tuple[RelationRows, ...]
    manifest: ManifestRows | None
    unexplained: Unexplained | None
    publication_read: bool
    published_dag_run_id: Text | None
    published_at: Moment | None
    why_not: Text | None

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def essence(self) -> str:
        """What the accounts say, in words."""
        if self.why_not:
            return f"Not measured: {self.why_not}."
        return " ".join(_essence(self))


def read_accounting(timeline: Timeline) -> Accounting:
    """Read the last comparison of the rows."""
    rows = timeline.rows
    if rows is None:
        why_not = timeline.verification_error or "the rows were not compared with the oracle's"
        return Accounting(
            relations=(),
            manifest=None,
            unexplained=None,
            publication_read=False,
            published_dag_run_id=None,
            published_at=None,
            why_not=why_not,
        )
    return Accounting(
        relations=tuple(_relations(rows)),
        manifest=_manifest(rows.manifest, timeline.manifest_changed) if rows.manifest else None,
        unexplained=_unexplained(rows.quarantine) if rows.quarantine else None,
        publication_read=rows.publication_read,
        published_dag_run_id=rows.published_dag_run_id,
        published_at=rows.published_at,
        why_not=None,
    )


def _relations(rows: RowsVerified) -> Iterator[RelationRows]:
    comparisons = {comparison.relation: comparison for comparison in rows.comparisons}
    for account in rows.relations:
        yield RelationRows(
            relation=account.relation,
            expected=account.expected,
            landed=account.landed,
            lost=account.lost,
            duplicated=account.duplicated,
            corrupted=account.corrupted,
            unexpected=account.unexpected,
            compared=_compared(comparisons.get(account.relation)),
            samples=_samples(account),
        )


def _compared(how: RelationComparison | None) -> Compared | None:
    if how is None:
        return None
    return Compared(buckets=how.buckets, differing=how.differing, rows_moved=how.rows_moved)


def _unexplained(account: QuarantineAccount) -> Unexplained:
    return Unexplained(relation=account.relation, without_reason=account.without_reason, keys=account.samples)


def _manifest(account: ManifestAccount, changed: bool | None) -> ManifestRows:  # noqa: FBT001  # a fact of it
    return ManifestRows(
        objects=account.objects,
        landed=account.landed,
        quarantined=account.quarantined,
        lost=account.lost,
        changed=changed,
        samples=_samples(account),
    )


def _samples(account: RelationAccount | ManifestAccount) -> tuple[Samples, ...]:
    return tuple(
        Samples(outcome=outcome, of=_count(account, outcome), rows=rows)
        for outcome, rows in account.samples.items()
        if rows
    )


def _count(account: RelationAccount | ManifestAccount, outcome: RowOutcome) -> int:
    """Give how many had that outcome; each is a field of the account."""
    return int(account.model_dump().get(outcome, 0))


def _essence(accounting: Accounting) -> Iterator[str]:
    expected = sum(relation.expected for relation in accounting.relations)
    if spoilt := [relation.relation for relation in accounting.relations if not relation.intact]:
        yield f"Of {expected:,} expected rows not all are as they should be: see {', '.join(spoilt)}."
    elif expected:
        yield f"All {expected:,} expected rows have landed, once and with the right values, and no others."
    else:
        yield "No row was expected in any relation, so that none is missing says nothing."
    if not all(relation.adds_up for relation in accounting.relations):
        yield "The counts do not add up to the expected rows: do not trust them."
    if accounting.manifest and accounting.manifest.changed:
        yield "The manifest was changed after it had been frozen, so what was expected is not what the run began with."
    if (unexplained := accounting.unexplained) and unexplained.without_reason:
        keys = ", ".join(unexplained.keys)
        yield f"{unexplained.without_reason:,} rows of {unexplained.relation} do not say why, among them {keys}."
