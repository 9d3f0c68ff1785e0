"""The sampler looks on its own clock, and neither a defect nor a server that hangs can make it blind."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue

from include.chaos.agent.sampler import Sampler
from include.chaos.events import ProbeSampled
from include.chaos.model import Measurement

PATIENCE = 30.0
GOOD = Measurement(value=1, ok=True, latency=0.001)

Samples = SimpleQueue[ProbeSampled]


@contextmanager
def sampling(look: Callable[[], Measurement], *, every: float = 0.01, patience: float = 30.0) -> Iterator[Samples]:
    samples: Samples = SimpleQueue()
    sampler = Sampler(probe="it", every=every, patience=patience, look=look, record=samples.put)
    sampler.start()
    try:
        yield samples
    finally:
        sampler.stop()


def until(samples: Samples, wanted: Callable[[ProbeSampled], bool]) -> ProbeSampled:
    """Give the first sample that is as wanted."""
    while not wanted(seen := samples.get(timeout=PATIENCE)):
        pass
    return seen


def test_every_look_is_recorded_as_it_was() -> None:
    """What the look gives is what the journal gets."""
    with sampling(lambda: GOOD) as samples:
        assert [samples.get(timeout=PATIENCE).measurement for _ in range(3)] == [GOOD] * 3


def test_a_defect_of_the_probe_is_an_unhealthy_look() -> None:
    """A probe that dies must not look like health, nor like nothing."""

    def look() -> Measurement:
        raise ZeroDivisionError("a defect")

    with sampling(look) as samples:
        seen = samples.get(timeout=PATIENCE).measurement
    assert not seen.ok
    assert "a defect" in str(seen.error)


def test_a_look_that_hangs_is_reported_again_and_again_and_stopping_does_not_wait_for_it() -> None:
    """A hanging server is seen to hang for as long as it does."""
    released = threading.Event()

    def look() -> Measurement:
        released.wait(PATIENCE)
        return GOOD

    with sampling(look, patience=0.02) as samples:
        seen = [samples.get(timeout=PATIENCE).measurement for _ in range(3)]
    assert not released.is_set()
    released.set()
    assert [look.ok for look in seen] == [False] * 3
    assert seen[0].latency < seen[1].latency < seen[2].latency
    assert "no answer" in str(seen[0].error)


def test_an_answer_that_comes_late_is_a_failed_look_and_the_next_is_fresh() -> None:
    """An answer to an old question says nothing of now."""
    released = threading.Event()

    def look() -> Measurement:
        released.wait(PATIENCE)
        return GOOD

    with sampling(look, patience=0.05) as samples:
        until(samples, lambda sample: "no answer" in str(sample.measurement.error))
        released.set()
        late = until(samples, lambda sample: sample.measurement.value == 1)
        fresh = until(samples, lambda sample: sample.measurement.ok)
    assert not late.measurement.ok
    assert "answered only after" in str(late.measurement.error)
    assert fresh.measurement == GOOD


def test_looks_that_were_owed_and_not_taken_are_counted() -> None:
    """A look that takes ten ticks leaves about ten missed, so that blindness shows."""
    looks: SimpleQueue[None] = SimpleQueue()
    waiting = threading.Event()

    def look() -> Measurement:
        if looks.qsize() == 0:
            waiting.wait(0.1)  # the machine's clock is what the sampler counts by
        looks.put(None)
        return GOOD

    with sampling(look, every=0.01) as samples:
        first, second = samples.get(timeout=PATIENCE), samples.get(timeout=PATIENCE)
    assert first.missed == 0
    assert second.missed >= 9
