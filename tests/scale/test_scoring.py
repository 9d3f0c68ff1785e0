"""Claims about scoring, against brute force on plain sets, in a real warehouse."""

from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.scale.fenced_landing import FencedLanding
from include.scale.model import Manifest, Materialize, Reading, SimilarityMethod, Song, Stage
from include.scale.scoring import ScorePartition, plan_join, scored_sets
from include.scale.staging import ReadPartition
from tests.scale.conftest import Bucket, Freeze

PROGRAMS = st.frozensets(st.sampled_from([0, 1, 2, 3, 4, 5, 62, 63, 64, 65, 126, 127]), max_size=8)
KEYS = st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), min_size=1, max_size=3)
SONGS = st.dictionaries(KEYS, PROGRAMS, min_size=1, max_size=25)
THRESHOLDS = st.sampled_from([Decimal(0), Decimal("0.3"), Decimal("0.5"), Decimal("0.75"), Decimal("0.999999")])
ONE_WAREHOUSE = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])

Row = tuple[object, ...]


def brute_force(songs: dict[str, frozenset[int]], min_instruments: int, threshold: Decimal) -> list[Row]:
    """Compare all with all."""
    scored = sorted(name for name, programs in songs.items() if len(programs) >= min_instruments)
    return [
        (a, b, 1.0 - (1.0 - len(songs[a] & songs[b]) / len(songs[a] | songs[b])))
        for a, b in combinations(scored, 2)
        if Fraction(len(songs[a] & songs[b]), len(songs[a] | songs[b])) > Fraction(threshold)
    ]


def land(landing: FencedLanding, manifest: Manifest, songs: dict[str, frozenset[int]], partitions: int) -> None:
    """Stage songs as if they had been read, score and publish them."""
    attempt = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, 1)
    readings = [
        Reading(key=key, etag=None, outcome=Song(programs=tuple(sorted(programs)))) for key, programs in songs.items()
    ]
    landing.stage_readings(attempt, ReadPartition(partition_id=0, readings=tuple(readings)))
    sets = landing.song_sets(manifest)
    scored = scored_sets(sets, manifest.min_instruments)
    attempt = landing.begin(manifest, Stage.SCORE_SIMILARITY, partitions)
    landing.plan_sets(attempt, sets)
    join = plan_join(scored, Fraction(manifest.threshold), manifest.method)
    work = ScorePartition(attempt=attempt, landing=landing, sets=scored, join=join, check_recall=True)
    for partition_id in attempt.pending:
        report = work(partition_id)
        assert report.exact_set_pairs == report.set_pairs
    landing.publish(manifest)


@pytest.mark.timeout(600)  # hundreds of transactions on a machine that may be busy
@ONE_WAREHOUSE
@given(
    songs=SONGS,
    min_instruments=st.integers(1, 4),
    threshold=THRESHOLDS,
    partitions=st.integers(1, 9),
    method=st.sampled_from(SimilarityMethod),
    materialize=st.sampled_from(Materialize),
)
def test_partitions_together_land_each_pair_once(  # noqa: PLR0913, PLR0917  # what a run may be asked for
    bucket: Bucket,
    landing: FencedLanding,
    freeze: Freeze,
    songs: dict[str, frozenset[int]],
    min_instruments: int,
    threshold: Decimal,
    partitions: int,
    method: SimilarityMethod,
    materialize: Materialize,
) -> None:
    """However sets are found, cut and stored, the pairs are those of brute force, to the bit of the score."""
    manifest = freeze_songs(bucket, landing, freeze, songs, min_instruments=min_instruments, threshold=threshold,
                            method=method, materialize=materialize)  # fmt: skip
    land(landing, manifest, songs, partitions)
    expected = brute_force(songs, min_instruments, threshold)
    assert read(landing, "SELECT * FROM filepair_similarity_score") == expected
    assert read(landing, "SELECT * FROM similar_song") == sorted(
        row for a, b, score in expected for row in ((a, b, score), (b, a, score))
    )


@ONE_WAREHOUSE
@given(songs=st.dictionaries(KEYS, PROGRAMS, min_size=2, max_size=6))
def test_any_two_songs_have_a_score(
    bucket: Bucket, landing: FencedLanding, freeze: Freeze, songs: dict[str, frozenset[int]]
) -> None:
    """Below the threshold too, and whatever the sets' sizes; none if neither has an instrument or one is unknown."""
    land(landing, freeze_songs(bucket, landing, freeze, songs), songs, 1)
    for a, b in combinations(songs, 2):
        union = len(songs[a] | songs[b])
        expected = 1.0 - (1.0 - len(songs[a] & songs[b]) / union) if union else None
        assert read(landing, "SELECT similarity_score(%s, %s)", a, b) == [(expected,)]
    assert read(landing, "SELECT similarity_score(%s, 'unknown song')", next(iter(songs))) == [(None,)]


def freeze_songs(
    bucket: Bucket, landing: FencedLanding, freeze: Freeze, songs: dict[str, frozenset[int]], **asked: object
) -> Manifest:
    """Freeze a manifest that lists just these songs."""
    bucket.fill({"any.mid": b"1"})
    [(runs,)] = read(landing, "SELECT count(*) FROM scale.manifest")
    manifest = freeze(f"run-{runs}", **asked)
    listing = "SELECT %s, place, key, '', 1 FROM unnest(%s::text[]) WITH ORDINALITY AS _ (key, place)"
    statements = (
        ("DELETE FROM scale.manifest_object WHERE manifest_id = %s", [manifest.manifest_id]),
        (f"INSERT INTO scale.manifest_object {listing}", [manifest.manifest_id, list(songs)]),  # a literal
        ("UPDATE scale.manifest SET object_count = %s WHERE manifest_id = %s", [len(songs), manifest.manifest_id]),
    )
    landing.warehouse.transact(lambda cursor: [cursor.execute(*each) for each in statements])
    return manifest


def read(landing: FencedLanding, query: str, *parameters: object) -> list[Row]:
    """Read rows in a fixed order."""
    rows = landing.warehouse.transact(lambda cursor: cursor.execute(query, parameters).fetchall())
    return sorted(rows)
