"""Getting objects: many GETs in flight against boto3 in a loop, at two latencies.

The latency is a proxy's, a process of its own that holds every chunk back for half the round trip in each direction.
Server, proxy and client share the machine, so without latency their CPU bounds both sides; with it, the round trip
bounds the loop, and the CPU of server, proxy and client bounds many GETs in flight.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from benchmarks import original
from benchmarks.grounds import BUCKET, PATIENCE, bucket_of
from benchmarks.latency_proxy import delayed
from benchmarks.lines import Line, against
from benchmarks.measured import timed
from benchmarks.progress import tell
from benchmarks.scope import Scope
from benchmarks.songs import contents_of, kind_of, objects_of
from include.scale.object_store import fetch_objects, list_objects, open_bucket
from include.settings import ObjectStoreSettings, ScaleSettings

ROUND_TRIP = timedelta(milliseconds=20)
_RUNS = 3


def measure(scope: Scope) -> Iterator[Line]:
    """Get the same objects both ways."""
    contents = contents_of(scope, scope.fetched_objects)
    size = sum(map(len, contents)) / len(contents) / 1000
    what = f"{scope.fetched_objects:,} objects of {size:.1f} KB ({kind_of(scope)} files)"
    with bucket_of(objects_of(contents, scope.fetched_objects)) as server:
        yield _compare(server, f"GET without latency, {what}", scope.fetched_objects)
        with delayed(server, ROUND_TRIP) as distant:
            yield _compare(distant, f"GET at 20 ms, {what}", scope.fetched_in_sequence)


def _compare(server: ObjectStoreSettings, what: str, in_sequence: int) -> Line:
    """GET all objects our way, and so many of them in sequence."""
    tell(what)
    settings = ScaleSettings()
    store = open_bucket(server, BUCKET, PATIENCE)
    objects = list(list_objects(store, ""))
    fetch = partial(
        fetch_objects,
        store,
        objects,
        in_flight=settings.gets_in_flight,
        object_bytes_limit=settings.object_bytes_limit,
    )
    fetched, ours = timed(lambda: list(fetch()), runs=_RUNS, items=len(objects), unit="objects")
    client = original.connect(server)
    keys = [listed.key for listed in objects[:in_sequence]]
    _, theirs = timed(
        lambda: [original.get(client, BUCKET, key) for key in keys], runs=_RUNS, items=len(keys), unit="objects"
    )
    unavailable = sum(not isinstance(content, bytes) for _, content in fetched)
    return against(
        what,
        ours,
        theirs,
        note=f"{settings.gets_in_flight} in flight, one process; boto3 got {len(keys):,}; unavailable: {unavailable}",
    )
