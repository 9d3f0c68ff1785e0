"""Row accounting: what became of every row that should have landed. Pure: rows in, accounts out.

The expected rows come from an oracle that shares no code with the pipeline; the landed rows are what a consumer reads.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from include.chaos.model import ManifestAccount, RelationAccount, RowOutcome

SAMPLES_KEPT = 20

Value = str | int | float | bool | None
Key = tuple[Value, ...]
Row = tuple[Value, ...]
Note = Callable[[RowOutcome, Key], None]
"""Is told of every key that did not land as expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationRows:
    """A relation's expected and landed rows, or those of some of its keys.

    Expected are keys to values; the landed ones come with every copy that is there, and are gone through once.
    """

    relation: str
    expected: Mapping[Key, Row]
    landed: Iterable[tuple[Key, Row]]


class _Tally:
    """Counts and samples by outcome."""

    def __init__(self, note: Note | None) -> None:
        self.counts: Counter[RowOutcome] = Counter()
        self.samples: defaultdict[RowOutcome, list[str]] = defaultdict(list)
        self._note = note

    def add(self, outcome: RowOutcome, key: Key, said: str = "", *, count: int = 1) -> None:
        self.counts[outcome] += count
        if len(self.samples[outcome]) < SAMPLES_KEPT:
            self.samples[outcome].append(f"{key!r}{said}")
        if self._note:
            self._note(outcome, key)


def account_relation(rows: RelationRows, note: Note | None = None) -> RelationAccount:
    """Tell for every expected and every landed row what became of it.

    A key that is there with a wrong value only is `corrupted`; one right copy makes it `landed`, and every other copy,
    right or wrong, is `duplicated`. In memory are the expected rows, however many landed.
    """
    tally = _Tally(note)
    copies: Counter[Key] = Counter()
    right: set[Key] = set()
    wrong: dict[Key, Row] = {}
    for key, values in rows.landed:
        if key not in rows.expected:
            tally.add(RowOutcome.UNEXPECTED, key)
            continue
        copies[key] += 1
        if values == rows.expected[key]:
            right.add(key)
        else:
            wrong.setdefault(key, values)
    for key, expected in rows.expected.items():
        if not copies[key]:
            tally.add(RowOutcome.LOST, key)
        elif key not in right:
            tally.add(RowOutcome.CORRUPTED, key, f": expected {expected!r}, found {wrong[key]!r}")
        if copies[key] > 1:
            tally.add(RowOutcome.DUPLICATED, key, f": {copies[key]} copies", count=copies[key] - 1)
    return RelationAccount(
        relation=rows.relation,
        expected=len(rows.expected),
        landed=len(right),
        lost=tally.counts[RowOutcome.LOST],
        duplicated=tally.counts[RowOutcome.DUPLICATED],
        corrupted=tally.counts[RowOutcome.CORRUPTED],
        unexpected=tally.counts[RowOutcome.UNEXPECTED],
        samples={outcome: tuple(found) for outcome, found in tally.samples.items()},
    )


def add_accounts(one: RelationAccount, other: RelationAccount) -> RelationAccount:
    """Add the accounts of different keys of one relation."""
    outcomes = one.samples | other.samples
    return RelationAccount(
        relation=one.relation,
        expected=one.expected + other.expected,
        landed=one.landed + other.landed,
        lost=one.lost + other.lost,
        duplicated=one.duplicated + other.duplicated,
        corrupted=one.corrupted + other.corrupted,
        unexpected=one.unexpected + other.unexpected,
        samples={
            outcome: (one.samples.get(outcome, ()) + other.samples.get(outcome, ()))[:SAMPLES_KEPT]
            for outcome in outcomes
        },
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
