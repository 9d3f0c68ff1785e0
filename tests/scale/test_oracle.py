"""Claims about the oracle."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from include.chaos.oracle import ask_oracle
from include.chaos.pipeline import load_pipeline
from include.chaos.platforms.landed_rows import LandedRows
from include.chaos.verification import verify_landing
from include.errors import ContradictionError
from include.object_gate.rules import CorruptObject, Rule
from include.scale.corpus import CorpusFile, generate_corpus
from include.scale.manifest import read_objects
from include.scale.oracle import expected_lines, read_songs
from include.scale.warehouse import Warehouse
from tests.object_gate.gates import gate_before
from tests.scale.conftest import Bucket, Freeze


@pytest.fixture
def files(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> list[CorpusFile]:
    """Thirty files in the bucket that the environment describes."""
    generated = list(generate_corpus(30, seed=5))
    bucket.fill({file.name: file.content for file in generated})
    for variable, value in bucket.settings.to_environment().items():
        monkeypatch.setenv(variable, value)
    return generated


def test_the_oracle_knows_what_was_generated(
    files: list[CorpusFile], freeze: Freeze, warehouse: Warehouse, tmp_path: Path
) -> None:
    """It expects the generated programs, and a quarantine for each broken file."""
    manifest = freeze("run-1")
    readings = read_songs(manifest, read_objects(warehouse, manifest.manifest_id), tmp_path / "cache.jsonl")
    assert {name: reading.programs for name, reading in readings.items()} == {
        file.name: None if file.defect else file.programs for file in files
    }
    quarantined = {line["quarantined"] for line in expected_lines(manifest, readings) if "quarantined" in line}
    assert quarantined == {file.name for file in files if file.defect}


def test_the_oracle_remembers_by_etag(
    files: list[CorpusFile], bucket: Bucket, freeze: Freeze, warehouse: Warehouse, tmp_path: Path
) -> None:
    """What it has read once it knows without the object, even beside a line that a killed writer tore."""
    manifest, cache = freeze("run-1"), tmp_path / "cache.jsonl"
    objects = read_objects(warehouse, manifest.manifest_id)
    before = read_songs(manifest, objects, cache)
    with cache.open("a") as file:
        file.write('{"etag": "torn')
    bucket.remove(*(file.name for file in files))
    assert read_songs(manifest, objects, cache) == before


def test_an_object_that_is_gone_is_expected_in_quarantine(
    files: list[CorpusFile], bucket: Bucket, freeze: Freeze, warehouse: Warehouse, tmp_path: Path
) -> None:
    """An object that vanished or changed after the manifest was frozen cannot land."""
    manifest = freeze("run-1")
    bucket.remove(files[0].name)
    bucket.fill({files[1].name: b"other"})
    readings = read_songs(manifest, read_objects(warehouse, manifest.manifest_id), tmp_path / "cache.jsonl")
    assert readings[files[0].name].programs is None
    assert readings[files[1].name].programs is None


def test_a_copy_that_is_gone_is_known_by_its_original(
    files: list[CorpusFile], bucket: Bucket, freeze: Freeze, warehouse: Warehouse, tmp_path: Path
) -> None:
    """A content is what it is under every name, also the first time that the oracle sees it."""
    song = next(file for file in files if file.programs)
    bucket.fill({"zz copy.mid": song.content})
    manifest = freeze("run-1")
    bucket.remove("zz copy.mid")
    readings = read_songs(manifest, read_objects(warehouse, manifest.manifest_id), tmp_path / "cache.jsonl")
    assert readings["zz copy.mid"].programs == song.programs


def test_the_oracle_expects_nothing_of_a_content_that_its_etag_belies(
    files: list[CorpusFile],
    bucket: Bucket,
    freeze: Freeze,
    warehouse: Warehouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Flipped bits would stand in its cache as the truth, for every run to come."""
    manifest, cache = freeze("run-1"), tmp_path / "cache.jsonl"
    with gate_before(bucket.settings.endpoint) as gate:
        gate.put("lie", Rule(bucket=bucket.name, effect=CorruptObject(flips=1)))
        monkeypatch.setenv("SCALE_S3_ENDPOINT", gate.url)
        with pytest.raises(ContradictionError, match="its ETag is"):
            read_songs(manifest, read_objects(warehouse, manifest.manifest_id), cache)
    assert not cache.exists()


def test_what_the_oracle_prints_is_what_the_contract_compares(
    files: list[CorpusFile], bucket: Bucket, freeze: Freeze, warehouse: Warehouse, tmp_path: Path
) -> None:
    """Asked as experiments ask it, of a run that landed nothing: every row is lost, and so is every file."""
    freeze("run-1", threshold="0.05")
    lab = {
        **bucket.settings.to_environment(),
        **warehouse.settings.to_environment(),
        "CHAOS_CONTROL_LAB": str(tmp_path),
    }
    pipeline = load_pipeline("scale")
    with (
        closing(ask_oracle(pipeline.oracle, "run-1", {**os.environ, **lab})) as lines,
        closing(LandedRows(warehouse.settings, application_name="test")) as landed,
    ):
        verified = verify_landing(pipeline, "run-1", lines, landed)
    instruments, pairs, refused = verified.relations
    assert instruments.lost == instruments.expected == sum(len(file.programs) for file in files if not file.defect)
    assert pairs.lost == pairs.expected > 0
    assert refused.lost == refused.expected == sum(bool(file.defect) for file in files)
    assert verified.manifest is not None
    assert verified.manifest.lost == verified.manifest.objects == len(files)
