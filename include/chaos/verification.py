"""Compare what landed with what the oracle expects, by digests of buckets; rows move only where these differ."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from datetime import datetime
from functools import reduce
from itertools import groupby
from operator import itemgetter
from typing import Protocol

from include.chaos.events import RowsVerified
from include.chaos.expected_rows import ExpectedRelation, ExpectedRows
from include.chaos.integrity import Key, Note, RelationRows, account_manifest, account_relation, add_accounts
from include.chaos.manifest_digest import digest_manifest
from include.chaos.model import ManifestAccount, QuarantineAccount, RelationAccount, RelationComparison, RowOutcome
from include.chaos.pipeline import Pipeline, Quarantine, Relation, SqlFile
from include.chaos.row_digests import BucketDigest
from include.chaos.row_images import RowForm
from include.errors import PlatformError


class LandedReader(Protocol):
    """What verification needs of the warehouse."""

    def fetch_rows(self, query: str, parameters: Mapping[str, str] | None = None) -> Sequence[Sequence[object]]:
        """Give all rows of a statement."""
        ...

    def read_form(self, relation: str, columns: tuple[str, ...], key_columns: int) -> RowForm:
        """Tell of what types the columns of a relation are."""
        ...

    def read_digests(self, form: RowForm, buckets: int) -> Mapping[int, BucketDigest]:
        """Give the digests of the buckets of a relation that have rows."""
        ...

    def read_rows(
        self, form: RowForm, buckets: int, wanted: Collection[int]
    ) -> AbstractContextManager[Iterator[tuple[int, bytes]]]:
        """Give the images of all rows of some buckets, by ascending bucket."""
        ...

    def find_unexplained(self, relation: str, key: str, reason: str) -> tuple[int, Sequence[str]]:
        """Count the rows without a reason, and give the keys of some."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """Let all statements within see one committed state."""
        ...


Compared = tuple[RelationAccount, RelationComparison]


def verify_landing(
    pipeline: Pipeline, dag_run_id: str, oracle_lines: Iterable[bytes], landed: LandedReader
) -> RowsVerified:
    """Account for every row of every relation, and every object of a manifest, in one snapshot of the warehouse."""
    with closing(_expect(pipeline, oracle_lines, landed)) as expected, landed.snapshot():
        return _verify(pipeline, dag_run_id, expected, landed)


def _expect(pipeline: Pipeline, oracle_lines: Iterable[bytes], landed: LandedReader) -> ExpectedRows:
    """Read what an oracle says of a pipeline's relations, whose types are those that have landed; to be closed."""
    forms = [_form(relation, landed) for relation in pipeline.relations]
    expected = ExpectedRows(forms, _form(pipeline.quarantine, landed) if pipeline.quarantine else None)
    try:
        expected.read(oracle_lines)
    except BaseException:
        expected.close()
        raise
    return expected


def _form(relation: Relation, landed: LandedReader) -> RowForm:
    """Tell of what types a relation's compared columns are."""
    return landed.read_form(relation.name, relation.columns(), len(relation.key))


def _verify(pipeline: Pipeline, dag_run_id: str, expected: ExpectedRows, landed: LandedReader) -> RowsVerified:
    publication = landed.fetch_rows(pipeline.publication.read()) if pipeline.publication else ()
    listed = _read_manifest(pipeline.manifest, dag_run_id, landed) if pipeline.manifest else ()
    objects = frozenset(str(row[0]) for row in listed)
    lost: set[str] = set()
    misquarantined: set[str] = set()
    compared = [
        _compare(expected.relations[relation.name], landed, _lost_objects(relation, objects, lost))
        for relation in pipeline.relations
    ]
    if expected.quarantine:
        compared.append(_compare(expected.quarantine, landed, _misquarantined(objects, misquarantined)))
    published_run, published_at = (publication[0][0], publication[0][-1]) if publication else (None, None)
    return RowsVerified(
        relations=tuple(account for account, _ in compared),
        comparisons=tuple(comparison for _, comparison in compared),
        manifest=_account(objects, expected, misquarantined, lost) if pipeline.manifest else None,
        manifest_digest=digest_manifest(listed) if pipeline.manifest else None,
        quarantine=_account_quarantine(pipeline.quarantine, landed) if pipeline.quarantine else None,
        publication_read=pipeline.publication is not None,
        published_dag_run_id=str(published_run) if published_run is not None else None,
        published_at=published_at if isinstance(published_at, datetime) else None,
    )


def _read_manifest(manifest: SqlFile, dag_run_id: str, landed: LandedReader) -> Sequence[Sequence[object]]:
    listed = landed.fetch_rows(manifest.read(), {"dag_run_id": dag_run_id})
    if not listed:
        raise PlatformError(f"run {dag_run_id} has no manifest, so there is nothing to account against")
    return listed


def _account_quarantine(quarantine: Quarantine, landed: LandedReader) -> QuarantineAccount | None:
    if quarantine.reason is None:
        return None
    count, keys = landed.find_unexplained(quarantine.name, quarantine.key[0], quarantine.reason)
    return QuarantineAccount(relation=quarantine.name, without_reason=count, samples=tuple(keys))


def _account(
    objects: Collection[str], expected: ExpectedRows, misquarantined: Collection[str], lost: Collection[str]
) -> ManifestAccount:
    return account_manifest(
        objects=objects,
        expected_quarantine=expected.quarantined,
        found_quarantine=expected.quarantined ^ set(misquarantined),
        objects_of_lost_rows=lost,
    )


def _compare(expected: ExpectedRelation, landed: LandedReader, note: Note) -> Compared:
    """Account for a relation: a bucket whose digests agree has landed, the others are gone through row by row."""
    form, buckets = expected.form, expected.buckets
    wanted, found = expected.digests(), landed.read_digests(form, buckets)
    differing = sorted(bucket for bucket in wanted.keys() | found.keys() if wanted.get(bucket) != found.get(bucket))
    agreed = sum(digest.rows for bucket, digest in wanted.items() if found.get(bucket) == digest)
    account = RelationAccount(relation=form.relation, expected=agreed, landed=agreed)
    if differing:
        with landed.read_rows(form, buckets, differing) as rows:
            accounts = (
                _account_bucket(expected, bucket, images, note) for bucket, images in _by_bucket(differing, rows)
            )
            account = reduce(add_accounts, accounts, account)
    moved = sum(found[bucket].rows for bucket in differing if bucket in found)
    return account, RelationComparison(
        relation=form.relation, buckets=buckets, differing=len(differing), rows_moved=moved
    )


def _account_bucket(
    expected: ExpectedRelation, bucket: int, images: Iterable[tuple[int, bytes]], note: Note
) -> RelationAccount:
    decode = expected.form.decode
    rows = RelationRows(
        relation=expected.form.relation,
        expected=expected.read(bucket),
        landed=(decode(image) for _, image in images),
    )
    account = account_relation(rows, note)
    if account.intact:
        raise PlatformError(
            f"{rows.relation}: bucket {bucket} differs by its digest and not by its rows, so the relation does not"
            " read the same twice"
        )
    return account


def _by_bucket(
    buckets: Sequence[int], rows: Iterable[tuple[int, bytes]]
) -> Iterator[tuple[int, Iterable[tuple[int, bytes]]]]:
    """Part rows, which come by ascending bucket; buckets without rows are there, too."""
    groups = groupby(rows, key=itemgetter(0))
    number, group = next(groups, (None, ()))
    for bucket in buckets:
        if bucket == number:
            yield bucket, group
            number, group = next(groups, (None, ()))
        else:
            yield bucket, ()


def _lost_objects(relation: Relation, objects: Collection[str], lost: set[str]) -> Note:
    """Collect the manifest's objects of which a row is lost."""
    if relation.manifest_key is None:
        return lambda _outcome, _key: None
    column = relation.key.index(relation.manifest_key)
    return _collector({RowOutcome.LOST}, lambda key: str(key[column]), objects, lost)


def _misquarantined(objects: Collection[str], found: set[str]) -> Note:
    """Collect the manifest's objects that are listed as unreadable although they are not, or the other way round."""
    return _collector({RowOutcome.LOST, RowOutcome.UNEXPECTED}, lambda key: str(key[0]), objects, found)


def _collector(
    outcomes: Collection[RowOutcome], name: Callable[[Key], str], objects: Collection[str], into: set[str]
) -> Note:
    def note(outcome: RowOutcome, key: Key) -> None:
        if outcome in outcomes and (found := name(key)) in objects:
            into.add(found)

    return note
