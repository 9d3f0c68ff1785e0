"""Row accounting: what became of every row that should have landed. Pure: rows in, accounts out.

The expected rows come from an oracle that shares no code with the pipeline; the landed rows are what a consumer reads.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from include.chaos.model import ManifestAccount, RelationAccount, RowOutcome

SAMPLES_KEPT = 20

Value = str | int | float | bool | None
Key = tuple[Value, ...]
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationRows:
    """One relation's expected and landed rows: keys to values, the landed ones with every copy that is there."""

    relation: str
    expected: Mapping[Key, Row]
    landed: Collection[tuple[Key, Row]]

    def lost_keys(self) -> set[Key]:
        """Give the expected keys of which no copy landed."""
        return set(self.expected) - {key for key, _ in self.landed}


def account_relation(rows: RelationRows) -> RelationAccount:
    """Tell for every expected and every landed row what became of it.

    A key that is there with a wrong value only is `corrupted`; one right copy makes it `landed`, and every other copy,
    right or wrong, is `duplicated`.
    """
    copies: defaultdict[Key, list[Row]] = defaultdict(list)
    for key, values in rows.landed:
        copies[key].append(values)
    counts: Counter[RowOutcome] = Counter()
    samples: defaultdict[RowOutcome, list[str]] = defaultdict(list)

    def note(outcome: RowOutcome, count: int, sample: str) -> None:
        counts[outcome] += count
        if len(samples[outcome]) < SAMPLES_KEPT:
            samples[outcome].append(sample)

    for key, expected in rows.expected.items():
        found = copies.pop(key, [])
        if not found:
            note(RowOutcome.LOST, 1, repr(key))
            continue
        if expected in found:
            counts[RowOutcome.LANDED] += 1
        else:
            note(RowOutcome.CORRUPTED, 1, f"{key!r}: expected {expected!r}, found {found[0]!r}")
        if len(found) > 1:
            note(RowOutcome.DUPLICATED, len(found) - 1, f"{key!r}: {len(found)} copies")
    for key, found in copies.items():
        note(RowOutcome.UNEXPECTED, len(found), repr(key))
    return RelationAccount(
        relation=rows.relation,
        expected=len(rows.expected),
        landed=counts[RowOutcome.LANDED],
        lost=counts[RowOutcome.LOST],
        duplicated=counts[RowOutcome.DUPLICATED],
        corrupted=counts[RowOutcome.CORRUPTED],
        unexpected=counts[RowOutcome.UNEXPECTED],
        samples={outcome: tuple(found) for outcome, found in samples.items()},
    )


def account_manifest(
    *,
    objects: Collection[str],
    expected_quarantine: Collection[str],
    found_quarantine: Collection[str],
    objects_of_lost_rows: Collection[str],
) -> ManifestAccount:
    """Tell for every object of the manifest whether it landed, was rightly quarantined, or is lost.

    An object is lost when a row of it is, when it should have been quarantined and was not (it was swallowed), or when
    it was quarantined although it is readable.
    """
    lost = set(objects) & (set(objects_of_lost_rows) | set(expected_quarantine) ^ set(found_quarantine))
    quarantined = (set(objects) & set(expected_quarantine)) - lost
    return ManifestAccount(
        objects=len(set(objects)),
        landed=len(set(objects)) - len(lost) - len(quarantined),
        quarantined=len(quarantined),
        lost=len(lost),
        samples={RowOutcome.LOST: tuple(sorted(lost)[:SAMPLES_KEPT])} if lost else {},
    )
