"""What must land, computed outside the pipeline: `python -m include.scale.oracle --dag-run-id ID [--cache DIR]`.

It reads the frozen manifest and the objects themselves, parses each with pretty_midi and compares all songs with all,
in plain sets; no code that extracts, scores or lands for the pipeline runs here. It prints JSON lines:
`{"relation": ..., "row": [...]}` for a row, `{"quarantined": key, "reason": ...}` for an object that is not a song.
What it parsed is remembered by ETag in the cache folder.
"""

import hashlib
import io
import json
import os
import tempfile
import warnings
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import pretty_midi
from obstore.store import S3Store

from include.errors import ContradictionError
from include.scale.manifest import find_manifest, read_objects
from include.scale.model import Manifest, MidiObject
from include.scale.object_store import bare_etag, open_bucket
from include.scale.s3_client import exact_client
from include.scale.warehouse import warehouse_from_environment
from include.settings import ObjectStoreSettings, ScaleSettings

_PROCESSES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one content is: programs when it is a song, else why not."""

    programs: frozenset[int] | None
    reason: str

    def to_json(self) -> dict[str, object]:
        """Give what a cache line holds beside the ETag."""
        return {"programs": None if self.programs is None else sorted(self.programs), "reason": self.reason}


_GONE = Reading(programs=None, reason="gone or changed since the manifest was frozen")
_HUGE = Reading(programs=None, reason="larger than the limit")


def main() -> None:
    """Print the expected rows of a run."""
    arguments = ArgumentParser(description=__doc__)
    arguments.add_argument("--dag-run-id", required=True)
    arguments.add_argument("--cache", type=Path, default=None, help="folder; default $CHAOS_CONTROL_LAB/cache")
    chosen = arguments.parse_args()
    warehouse = warehouse_from_environment()
    manifest = find_manifest(warehouse, chosen.dag_run_id)
    objects = read_objects(warehouse, manifest.manifest_id)
    readings = read_songs(manifest, objects, (chosen.cache or _default_cache()) / "oracle.jsonl")
    for line in expected_lines(manifest, readings):
        print(json.dumps(line))


def expected_lines(manifest: Manifest, readings: dict[str, Reading]) -> Iterator[dict[str, object]]:
    """Spell out the rows that a faultless run lands."""
    songs = {key: reading.programs for key, reading in readings.items() if reading.programs is not None}
    for key, reading in readings.items():
        if reading.programs is None:
            yield {"quarantined": key, "reason": reading.reason}
    for key, programs in songs.items():
        for program in sorted(programs):
            yield {"relation": "filename_instrument", "row": [key, program]}
    scored = sorted((key, programs) for key, programs in songs.items() if len(programs) >= manifest.min_instruments)
    for a, b, score in _alike(scored, Fraction(manifest.threshold)):
        yield {"relation": "filepair_similarity_score", "row": [a, b, score]}


def read_songs(manifest: Manifest, objects: list[MidiObject], cache: Path) -> dict[str, Reading]:
    """Parse the objects that the cache does not know by ETag, and add them to it; give a reading for each key."""
    settings, scale = ObjectStoreSettings.from_environment(), ScaleSettings.from_environment()
    known = _load(cache)
    huge = {listed.key for listed in objects if listed.size > scale.object_bytes_limit}
    missing = [listed for listed in objects if listed.key not in huge and listed.etag not in known]
    store = open_bucket(settings, manifest.bucket, scale.patience)
    contents = _get_contents(store, missing, etags_are_digests=scale.etags_are_digests)
    with ProcessPoolExecutor(_PROCESSES) as pool:
        parsed = pool.map(_parse, contents.values(), chunksize=16)
        fresh = dict(zip(contents, parsed, strict=True))
    _append(cache, fresh)
    known |= fresh
    return {listed.key: known.get(listed.etag, _GONE) for listed in objects} | dict.fromkeys(huge, _HUGE)


def _get_contents(store: S3Store, objects: list[MidiObject], *, etags_are_digests: bool) -> dict[str, bytes]:
    """GET objects one by one, each content once; leave out those that are no more what the manifest lists."""
    client, bucket = exact_client(store), store.config["bucket"]
    contents: dict[str, bytes] = {}
    for listed in objects:
        if listed.etag in contents:
            continue
        try:
            found = client.get_object(Bucket=bucket, Key=listed.key)
        except client.exceptions.NoSuchKey:
            continue
        if bare_etag(found["ETag"]) == listed.etag:
            contents[listed.etag] = found["Body"].read()
            if etags_are_digests:
                _require_digest(found, listed, contents[listed.etag])
    return contents


def _require_digest(found: Mapping[str, object], listed: MidiObject, content: bytes) -> None:
    """Refuse to expect anything of a content that its ETag belies; one that no digest is says nothing."""
    encrypted = "SSECustomerAlgorithm" in found or "aws:kms" in str(found.get("ServerSideEncryption"))
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if len(listed.etag) == len(digest) and listed.etag.lower() != digest and not encrypted:
        raise ContradictionError(f"the key {listed.key!r}: its ETag is {listed.etag}, and its content's MD5 {digest}.")


def _parse(content: bytes) -> Reading:
    try:
        with warnings.catch_warnings(action="ignore"):
            song = pretty_midi.PrettyMIDI(io.BytesIO(content))
    except Exception as error:  # noqa: BLE001  # the reference rejects by raising anything
        return Reading(programs=None, reason=repr(error))
    return Reading(programs=frozenset(int(instrument.program) for instrument in song.instruments), reason="")


def _alike(songs: list[tuple[str, frozenset[int]]], threshold: Fraction) -> Iterator[tuple[str, str, float]]:
    """Compare every song with every other."""
    over, under = threshold.numerator, threshold.denominator
    for (a, programs_a), (b, programs_b) in combinations(songs, 2):
        shared = len(programs_a & programs_b)
        union = len(programs_a) + len(programs_b) - shared
        if shared * under > union * over:
            yield a, b, 1.0 - (1.0 - shared / union)  # as the original stores it: one minus a distance


def _default_cache() -> Path:
    lab = os.environ.get("CHAOS_CONTROL_LAB")
    return Path(lab) / "cache" if lab else Path(tempfile.gettempdir()) / f"chaos-control-cache-{os.getuid()}"


def _load(cache: Path) -> dict[str, Reading]:
    """Read what is known; a line that a killed writer left unfinished is passed over."""
    known = {}
    for line in cache.read_text(encoding="utf8").splitlines() if cache.exists() else ():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue
        programs = None if entry["programs"] is None else frozenset(entry["programs"])
        known[entry["etag"]] = Reading(programs=programs, reason=entry["reason"])
    return known


def _append(cache: Path, readings: dict[str, Reading]) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    with cache.open("a", encoding="utf8") as file:
        for etag, reading in readings.items():
            file.write(json.dumps({"etag": etag} | reading.to_json()) + "\n")


if __name__ == "__main__":
    main()
