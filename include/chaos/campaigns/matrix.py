"""The cells of a campaign, and the names that are derived from them. Pure.

A cell's run has a name that says what it is, so that a campaign that is planned again finds its runs again.
"""

import re

from pydantic import Field, JsonValue

from include.chaos.model import Model, Moment, StrikePoint, VerdictValue, format_duration

MOST_CELLS = 500
"""Airflow maps over a thousand by default; each cell takes minutes."""

AS_IN_FILE = "as in file"

_NO_PART_OF_AN_ID = re.compile(r"[^A-Za-z0-9_.+-]+")


class Place(Model):
    """Where a cell strikes with what: a field of the heat map."""

    stage: str
    fault: str


class Cell(Model):
    """One experiment run of a campaign; `point` is None for the strike points of the experiment's file."""

    experiment_id: str
    pipeline: str
    strike: str | None = Field(default=None, description="whose strike point is another one than in the file")
    point: StrikePoint | None = None
    repeat: int
    pipeline_conf: dict[str, JsonValue] = Field(default_factory=dict, description="parameters of the pipeline's run")
    places: tuple[Place, ...]
    expected_verdict: VerdictValue | None = None

    @property
    def point_label(self) -> str:
        """The strike point in words."""
        return point_label(self.strike, self.point)

    @property
    def case(self) -> str:
        """What is compared from campaign to campaign: the experiment and where it strikes."""
        return f"{self.experiment_id} at {self.point_label}"

    @property
    def key(self) -> str:
        """Tell the cell from every other one of its experiment, in letters that any id may have."""
        return f"{_NO_PART_OF_AN_ID.sub('.', self.point_label.replace('%', 'pct'))}__{self.repeat}"


class CampaignPlan(Model):
    """What a campaign was begun as; one that goes on goes on with this, whatever its file says by then."""

    campaign_id: str
    name: str
    title: str
    began_at: Moment
    cells: tuple[Cell, ...] = Field(min_length=1)


def point_label(strike: str | None, point: StrikePoint | None) -> str:
    """Write a strike point as `stage moment`, such as `extract_instruments 50% + 2s`."""
    if point is None:
        return AS_IN_FILE
    moment = f"{point.staged_rows * 100:g}%" if point.staged_rows is not None else str(point.at or point.failpoint)
    after = f" + {format_duration(point.after)}" if point.after else ""
    whose = f"{strike} " if strike else ""
    return f"{whose}{point.stage} {moment}{after}"


def campaign_id(name: str, dag_run_id: str) -> str:
    """Name a campaign after its DAG run."""
    return f"{name}__{dag_run_id}"


def cell_dag_run_id(campaign: str, cell: Cell) -> str:
    """Name the run of an experiment's DAG that conducts a cell; the same each time it is asked for."""
    return f"{campaign}__{cell.key}"


def cell_run_id(campaign: str, cell: Cell) -> str:
    """Name a cell's experiment run, as `orchestration.names` does."""
    return f"{cell.experiment_id}__{cell_dag_run_id(campaign, cell)}"
