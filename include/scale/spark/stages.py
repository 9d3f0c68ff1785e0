"""The two stages that run in Spark, each from wherever its last try ended, with their accounts in words."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from math import ceil

from include.scale.extraction import ExtractionReport, ExtractPartition
from include.scale.failpoints import Place, pass_by
from include.scale.landing import landing_of
from include.scale.model import LandingMode, Manifest, Materialize, Stage
from include.scale.scoring import Join, ScoredSets, ScorePartition, ScoringReport, plan_join, scored_sets
from include.scale.spark.partitions import Session, run_partitions
from include.scale.warehouse import Warehouse
from include.settings import ObjectStoreSettings, ScaleSettings


def extract_instruments(
    session: Session,
    warehouse: Warehouse,
    object_store: ObjectStoreSettings,
    manifest: Manifest,
    settings: ScaleSettings,
) -> Iterator[str]:
    """Read the manifest's objects that are not staged yet, and land what they are; give lines that tell about it."""
    landing = landing_of(manifest, warehouse)
    attempt = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    yield _plan(attempt.stage, attempt.pending, attempt.partitions)
    work = ExtractPartition(attempt=attempt, landing=landing, object_store=object_store, settings=settings)
    reports = run_partitions(session, attempt.stage, attempt.pending, work)
    landing.complete(attempt)
    pass_by(Place.STAGE_COMPLETE, attempt)
    yield from _tell_extraction(reports)


def score_similarity(
    session: Session, warehouse: Warehouse, manifest: Manifest, settings: ScaleSettings
) -> Iterator[str]:
    """Compare the distinct sets of the manifest's songs, and land the neighbours; give lines that tell about it."""
    landing = landing_of(manifest, warehouse)
    sets = landing.song_sets(manifest)
    scored = scored_sets(sets, manifest.min_instruments)
    partitions = min(settings.score_partitions, ceil(len(scored) / settings.least_partition_sets))
    attempt = landing.begin(manifest, Stage.SCORE_SIMILARITY, partitions)
    join = plan_join(scored, Fraction(manifest.threshold), manifest.method)
    yield _plan(attempt.stage, attempt.pending, attempt.partitions)
    yield from _tell_join(scored, join)
    work = ScorePartition(
        attempt=attempt,
        landing=landing,
        sets=scored,
        join=join,
        check_recall=join.bands is not None and len(scored) <= settings.recall_check_sets,
    )
    plan_sets = partial(landing.plan_sets, attempt, sets)
    if _spells_pairs_out(manifest):
        plan_sets()
        reports = run_partitions(session, attempt.stage, attempt.pending, work)
    else:
        reports = run_partitions(session, attempt.stage, attempt.pending, work, beside=plan_sets)
    landing.complete(attempt)
    pass_by(Place.STAGE_COMPLETE, attempt)
    yield from _tell_scoring(reports)


def _spells_pairs_out(manifest: Manifest) -> bool:
    """Tell whether tasks look up the sets that their neighbours are of; otherwise they need not be there yet."""
    return manifest.materialize is Materialize.PAIRS or manifest.landing is LandingMode.APPEND


def _plan(stage: Stage, pending: Sequence[int], partitions: int) -> str:
    return f"{stage}: {len(pending)} of {partitions} partitions to do"


def _tell_extraction(reports: Sequence[ExtractionReport]) -> Iterator[str]:
    yield (
        f"objects: {sum(it.objects for it in reports)}, of which carried over unchanged: "
        f"{sum(it.carried_over for it in reports)}, quarantined: {sum(it.rejected for it in reports)}"
    )
    yield f"audited: {sum(it.audited for it in reports)} files read by pretty_midi too, all alike"


def _tell_join(sets: ScoredSets, join: Join) -> Iterator[str]:
    yield f"{len(sets)} distinct sets of {int(sets.songs.sum())} songs to compare"
    if join.bands:
        bands = join.bands
        formula = f"1 - (1 - J^{bands.rows})^{bands.bands} = {bands.expected_recall:.6f}"
        lowest = f"J = {bands.lowest_score}, the lowest score above {join.threshold}"
        yield f"minhash: {bands.bands} bands of {bands.rows} rows; expected recall {formula} at {lowest}"


def _tell_scoring(reports: Sequence[ScoringReport]) -> Iterator[str]:
    found = sum(it.set_pairs for it in reports)
    yield f"{found} pairs of sets above the threshold, {sum(it.song_pairs for it in reports)} pairs of songs"
    exact = [it.exact_set_pairs for it in reports if it.exact_set_pairs is not None]
    if exact:
        yield f"recall against the exact join: {found / sum(exact) if sum(exact) else 1:.6f} ({found} of {sum(exact)})"
