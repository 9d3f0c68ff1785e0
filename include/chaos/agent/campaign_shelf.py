"""The campaigns there were, each in two files beside the journals: what it was begun as, and what came of it.

The agent keeps them because it lies in no blast radius; it reads nothing of them.
"""

import re
import threading
from pathlib import Path

from pydantic import ValidationError

from include.chaos.agent.durable_file import write_durably
from include.chaos.campaigns.matrix import CampaignPlan
from include.chaos.campaigns.outcomes import CampaignEnd, CampaignRecord
from include.errors import AgentError

_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,200}")
_PLAN, _END = ".plan.json", ".end.json"


class CampaignShelf:
    """All campaigns whose files lie in one folder."""

    def __init__(self, folder: Path) -> None:
        """Remember the folder; it is made when there is something to keep."""
        self._folder = folder
        self._lock = threading.Lock()

    def begin(self, plan: CampaignPlan) -> CampaignPlan:
        """Keep a plan; a campaign that was begun already stays what it was begun as, and that is given."""
        path = self._path(plan.campaign_id, _PLAN)
        with self._lock:
            if not path.exists():
                write_durably(path, plan.model_dump_json())
            return self.get(plan.campaign_id).plan

    def end(self, campaign_id: str, end: CampaignEnd) -> None:
        """Keep what came of a campaign, in place of what came of it before it was gone on with."""
        self.get(campaign_id)
        with self._lock:
            write_durably(self._path(campaign_id, _END), end.model_dump_json())

    def get(self, campaign_id: str) -> CampaignRecord:
        """Give what is kept of a campaign; raise `AgentError` when there was none, or its files are damaged."""
        path = self._path(campaign_id, _PLAN)
        if not path.exists():
            raise AgentError(f"no campaign {campaign_id!r} was ever begun here")
        return self._read(path)

    def all(self) -> tuple[CampaignRecord, ...]:
        """Give all campaigns, in the order in which they were begun."""
        records = map(self._read, self._folder.glob(f"*{_PLAN}"))
        return tuple(sorted(records, key=lambda record: record.plan.began_at))

    def _read(self, plan: Path) -> CampaignRecord:
        end = plan.with_name(plan.name.removesuffix(_PLAN) + _END)
        try:
            return CampaignRecord(
                plan=CampaignPlan.model_validate_json(plan.read_bytes()),
                end=CampaignEnd.model_validate_json(end.read_bytes()) if end.exists() else None,
            )
        except (ValidationError, OSError) as error:
            raise AgentError(f"{plan}: cannot be read as a campaign: {error}") from error

    def _path(self, campaign_id: str, suffix: str) -> Path:
        if not _SAFE_ID.fullmatch(campaign_id):
            raise AgentError(f"campaign_id {campaign_id!r}: expected letters, digits and _.:+- only")
        return self._folder / f"{campaign_id}{suffix}"
