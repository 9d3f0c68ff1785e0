"""What a campaign says in the end: its resilience score, its coverage, what has changed, and what CI is told. Pure."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import computed_field

from include.chaos.campaigns.comparison import Comparison, compare
from include.chaos.campaigns.coverage import HeatMap, draw_heat_maps
from include.chaos.campaigns.matrix import CampaignPlan
from include.chaos.campaigns.outcomes import CONCLUSIVE, CampaignEnd, CampaignRecord, CellOutcome
from include.chaos.exit_codes import EXIT_CODES
from include.chaos.model import Moment, VerdictValue
from include.chaos.reports.section import Part, Text, counted, enumerate_words, say_share
from include.errors import ConfigurationError

REGRESSION_EXIT = 5


class Scorecard(Part):
    """A campaign's result; `compared` is None for the first of its name."""

    kicker: ClassVar = "Chaos campaign scorecard"
    campaign_id: Text
    name: Text
    title: Text
    began_at: Moment
    scored_at: Moment
    outcomes: tuple[CellOutcome, ...]
    coverage: tuple[HeatMap, ...]
    compared: Comparison | None

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def counts(self) -> dict[VerdictValue, int]:
        """How many cells ended with each verdict."""
        verdicts = [outcome.verdict for outcome in self.outcomes]
        return {verdict: verdicts.count(verdict) for verdict in VerdictValue}

    @computed_field  # type: ignore[prop-decorator]  # as above
    @property
    def without_verdict(self) -> int:
        """How many cells never came to a verdict."""
        return sum(outcome.verdict is None for outcome in self.outcomes)

    @computed_field  # type: ignore[prop-decorator]  # as above
    @property
    def conclusive(self) -> int:
        """How many cells decided something."""
        return sum(self.counts[verdict] for verdict in CONCLUSIVE)

    @computed_field  # type: ignore[prop-decorator]  # as above
    @property
    def resilience_score(self) -> float | None:
        """The share of the conclusive cells that passed; None when none was, for then nothing is known."""
        return self.counts[VerdictValue.PASSED] / self.conclusive if self.conclusive else None

    @computed_field  # type: ignore[prop-decorator]  # as above
    @property
    def exit_code(self) -> int:
        """What CI is told: the worst of what was found, and 0 only when every cell has passed."""
        if self.compared and self.compared.regressions:
            return REGRESSION_EXIT
        if self.counts[VerdictValue.FAILED]:
            return EXIT_CODES[VerdictValue.FAILED]
        if self.counts[VerdictValue.INCONCLUSIVE] or self.without_verdict:
            return EXIT_CODES[VerdictValue.INCONCLUSIVE]
        return EXIT_CODES[
            VerdictValue.NOT_EXERCISED if self.counts[VerdictValue.NOT_EXERCISED] else VerdictValue.PASSED
        ]

    @property
    def mark(self) -> VerdictValue:
        """The colour of the whole: what the exit code says, without its finer points."""
        codes = {code: verdict for verdict, code in EXIT_CODES.items()}
        return codes.get(self.exit_code, VerdictValue.FAILED)

    @property
    def score_said(self) -> str:
        """The score with what it is a share of."""
        if self.resilience_score is None:
            return "no score: no cell decided anything"
        share = say_share(self.resilience_score)
        return f"{share}: {self.counts[VerdictValue.PASSED]} of {counted(self.conclusive, 'conclusive cell')} passed"

    @property
    def apart_said(self) -> str:
        """What is reported apart, since it counts for nothing."""
        apart = {
            "not exercised": self.counts[VerdictValue.NOT_EXERCISED],
            "inconclusive": self.counts[VerdictValue.INCONCLUSIVE],
            "without a verdict": self.without_verdict,
        }
        said = [f"{count} {name}" for name, count in apart.items() if count]
        return f"Not in the score: {enumerate_words(said)}." if said else "Every cell was conclusive."

    @property
    def meaning(self) -> str:
        """The exit code in words."""
        return _MEANINGS[self.exit_code]


_MEANINGS = {
    0: "Every cell has passed.",
    1: "At least one cell has failed; none that passed last time.",
    3: "Nothing failed, but not every fault was put to the test.",
    4: "Nothing failed, but something was not measured, so nothing is claimed of it.",
    REGRESSION_EXIT: "What passed in the last campaign has failed now.",
}
"""By exit code; 2 is left to wrong usage."""


def build_scorecard(record: CampaignRecord, others: Sequence[CampaignRecord] = ()) -> Scorecard:
    """Score a campaign, and hold it against the last one of its name among `others`.

    Raises `ConfigurationError` when it has not come to its end.
    """
    plan, end = record.plan, record.end
    if end is None:
        raise ConfigurationError(
            f"campaign {plan.campaign_id} has not come to its end, so it has no scorecard; "
            f"`chaos-control campaign run {plan.name} --resume {plan.campaign_id}` goes on with it"
        )
    before = latest_before(plan, others)
    return Scorecard(
        campaign_id=plan.campaign_id,
        name=plan.name,
        title=plan.title,
        began_at=plan.began_at,
        scored_at=end.scored_at,
        outcomes=end.outcomes,
        coverage=draw_heat_maps(end.outcomes, end.stages),
        compared=_compare(end, before),
    )


def latest_before(plan: CampaignPlan, records: Sequence[CampaignRecord]) -> CampaignRecord | None:
    """Find the last campaign of the same name that had begun before and came to its end."""
    earlier = [
        record
        for record in records
        if record.end and record.plan.name == plan.name and record.plan.began_at < plan.began_at
    ]
    return max(earlier, key=lambda record: record.plan.began_at, default=None)


def _compare(end: CampaignEnd, before: CampaignRecord | None) -> Comparison | None:
    if before is None or before.end is None:
        return None
    return compare(end.outcomes, before.end.outcomes, against=before.plan.campaign_id, began_at=before.plan.began_at)
