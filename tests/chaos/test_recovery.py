"""Who brought a run back is read from the layers' own records; the phases add up to the whole."""

from datetime import timedelta

import pytest

from include.chaos import events as e
from include.chaos.journal import JournalEntry
from include.chaos.layers import Layer
from include.chaos.model import Component
from include.chaos.recovery import Recovery, describe, read_recovery
from tests.chaos import journals
from tests.chaos.journals import at, number, passing_steps, stage


def acted(layer: Layer, seconds: float) -> e.LayerActed:
    return e.LayerActed(layer=layer, at=at(seconds), what="it")


def recovered_by(*found: e.LayerActed, unread: tuple[str, ...] = (), other: tuple[journals.Step, ...] = ()) -> Recovery:
    """Read the passing run with these records."""
    steps = [*passing_steps(), *((33.0, one) for one in found), (34.0, e.RecordsRead(unread=unread)), *other]
    recovery = read_recovery(number(sorted(steps, key=lambda step: step[0])))
    assert recovery is not None
    return recovery


def test_a_run_whose_records_were_never_read_has_no_account() -> None:
    """Nothing is made up from durations."""
    assert read_recovery(journals.passing()) is None


def test_a_run_that_was_not_struck_has_nothing_to_recover_from() -> None:
    """The records of a quiet hour save nobody."""
    steps = [step for step in passing_steps() if not isinstance(step[1], e.InjectionPrepared | e.Injected)]
    assert read_recovery(number([*steps, (40.0, e.RecordsRead())])) is None


@pytest.mark.parametrize("layer", [Layer.SPARK_TASK_RETRY, Layer.EXECUTOR_REPLACED, Layer.AIRFLOW_RETRY, Layer.PERSON])
def test_the_outermost_layer_that_acted_is_the_one_that_saved(layer: Layer) -> None:
    """What mends the server is on the way, not what does the run's work again."""
    recovery = recovered_by(acted(Layer.SUPERVISOR_RESTART, 15), acted(layer, 17), acted(Layer.DATABASE_RECOVERY, 15.2))
    assert recovery.saved_by is layer
    assert not recovery.is_inferred
    assert [one.layer for one in recovery.layers] == [Layer.SUPERVISOR_RESTART, Layer.DATABASE_RECOVERY, layer]


def test_airflow_s_own_retry_is_read_from_its_tries() -> None:
    """A second try that began after the strike needs no other record."""
    again = stage("success", started=18, ended=24, try_number=2)
    recovery = recovered_by(acted(Layer.SPARK_TASK_RETRY, 17), other=((25.5, again),))
    assert recovery.saved_by is Layer.AIRFLOW_RETRY


def test_where_no_layer_did_work_again_clients_must_have_held_on_and_that_is_called_inferred() -> None:
    """The database was away, nobody tried a task again, and the rows are there."""
    recovery = recovered_by(acted(Layer.SUPERVISOR_RESTART, 15))
    assert (recovery.saved_by, recovery.is_inferred) == (Layer.CLIENT_RECONNECT, True)
    assert "inferred" in describe(recovery)


def test_a_run_that_nothing_of_the_pipeline_s_was_struck_in_needed_nobody() -> None:
    """A triggerer's death saves no layer's work."""
    elsewhere = journals.INSTANCE.model_copy(update={"component": Component.AIRFLOW_TRIGGERER})

    def move(_seconds: float, body: e.Event) -> e.Event:
        if isinstance(body, e.LeaseArmed):
            return body.model_copy(update={"lease": body.lease.model_copy(update={"instances": (elsewhere,)})})
        return body

    entries = journals.where(move)
    recovery = read_recovery([*entries, JournalEntry(seq=999, at=at(50), mono=1050, body=e.RecordsRead())])
    assert recovery is not None
    assert recovery.saved_by is None
    assert "no layer had to" in describe(recovery)


def test_what_only_puts_odd_objects_into_the_store_makes_no_client_wait() -> None:
    """The store answered every request: that a probe saw the objects, and that they were taken away, saved nobody."""

    def make_odd(_seconds: float, body: e.Event) -> e.Event:
        if isinstance(body, e.RunOpened):
            planned = tuple(one.model_copy(update={"hinders_clients": False}) for one in body.strikes)
            return body.model_copy(update={"strikes": planned})
        return body

    entries = journals.where(make_odd)
    recovery = read_recovery([*entries, JournalEntry(seq=999, at=at(50), mono=1050, body=e.RecordsRead())])
    assert recovery is not None
    assert recovery.saved_by is None
    assert describe(recovery) == "no layer had to: none of the run's work was done again"


def test_who_mended_what_was_struck_is_named_where_no_work_was_done_again() -> None:
    """A scheduler that its supervisor starts again carries the run on, though it repeats nothing."""
    layers = (acted(Layer.SUPERVISOR_RESTART, 15), acted(Layer.SUPERVISOR_RESTART, 16))
    recovery = Recovery(phases=(), layers=layers, saved_by=None, is_inferred=False, unread=())
    assert describe(recovery).endswith("done again (the supervisor started it again)")


def test_a_run_that_failed_was_saved_by_nobody() -> None:
    """Whatever acted was not enough."""
    entries = journals.replacing(e.DagRunObserved, e.DagRunObserved(state="failed", start_date=at(6), end_date=at(31)))
    entries += [JournalEntry(seq=999, at=at(50), mono=1050, body=e.RecordsRead())]
    recovery = read_recovery(entries)
    assert recovery is not None
    assert recovery.saved_by is Layer.NOBODY


def test_records_that_could_not_be_read_are_said() -> None:
    """An attribution without them is not the whole truth."""
    recovery = recovered_by(unread=("Spark's event log (gone)",))
    assert not recovery.is_known
    assert "not read: Spark's event log (gone)" in describe(recovery)


def test_the_phases_add_up_to_the_time_from_strike_to_landing() -> None:
    """Whatever their order was."""
    recovery = recovered_by(acted(Layer.SPARK_TASK_RETRY, 17))
    assert [phase.reached for phase in recovery.phases] == ["effect", "recovered", "steady", "retried", "landed"]
    assert sum((phase.took for phase in recovery.phases), timedelta()) == pytest.approx(
        timedelta(seconds=20), abs=timedelta(milliseconds=1)
    )
