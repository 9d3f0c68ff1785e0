"""Talk to the agent. A refusal or a silence is an `AgentError`; the caller decides how long to be patient."""

from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter

from include.chaos.agent.health import Health
from include.chaos.agent.planning import Plan
from include.chaos.agent.run_status import HeldLease, OpenRequest, RunStatus
from include.chaos.agent.server import (
    HaltRequest,
    NoteRequest,
    RecoverAnswer,
    StartPipelineRequest,
    TwinAnswer,
    TwinRequest,
)
from include.chaos.campaigns.matrix import CampaignPlan
from include.chaos.campaigns.outcomes import CampaignEnd, CampaignRecord
from include.chaos.events import BaselineMeasured, ClientEvent, RecordsRead, TwinFound, VerdictReached
from include.chaos.experiment import Experiment
from include.chaos.layers import Layer
from include.chaos.model import Lease
from include.chaos.platforms.airflow import Parameters
from include.chaos.run_overview import Coverage, Overview, RunPage, Wanted
from include.errors import AgentError
from include.settings import AgentSettings

REQUEST_SECONDS = 150.0
"""A baseline or an undo takes its time; the agent's own bounds are shorter than this."""

LOOK_SECONDS = 10.0
"""A look at a status is quick; who looks in an event loop looks again soon."""

M = TypeVar("M", bound=BaseModel)

_OPEN_RUNS = TypeAdapter(tuple[RunStatus, ...])
_HELD_LEASES = TypeAdapter(tuple[HeldLease, ...])
_CAMPAIGNS = TypeAdapter(tuple[CampaignRecord, ...])


class AgentUnreachableError(AgentError):
    """The agent does not answer; it may be restarting."""


class AgentClient:
    """The agent's calls, typed."""

    def __init__(self, settings: AgentSettings, *, look_seconds: float = REQUEST_SECONDS) -> None:
        """Remember where the agent is; whoever only looks may be less patient."""
        self._url = settings.url
        self._look_seconds = look_seconds
        self._http = httpx.Client(
            base_url=settings.url,
            timeout=REQUEST_SECONDS,
            headers={"Authorization": f"Bearer {settings.token.get_secret_value()}"},
        )

    def health(self) -> Health:
        """Tell how the agent is."""
        return Health.model_validate_json(self._request("GET", "/health").content)

    def halt(self, reason: str) -> bool:
        """Undo everything now and forbid every strike until `resume`; tell whether the undo is confirmed."""
        return self._post("/halt", HaltRequest(reason=reason), RecoverAnswer).confirmed

    def resume(self) -> None:
        """Allow strikes again."""
        self._request("POST", "/resume")

    def plan(self, experiment: Experiment) -> Plan:
        """Tell what an experiment would strike now, and what forbids it; nothing is touched."""
        return self._post("/plans", experiment, Plan)

    def open(self, request: OpenRequest) -> RunStatus:
        """Open an experiment run, or join it."""
        return self._post("/experiment_runs", request, RunStatus)

    def open_runs(self) -> tuple[RunStatus, ...]:
        """Tell where every open run stands."""
        return _OPEN_RUNS.validate_json(self._request("GET", "/experiment_runs").content)

    def status(self, run_id: str) -> RunStatus:
        """Tell where a run stands."""
        return RunStatus.model_validate_json(self._request("GET", _path(run_id)).content)

    def journal(self, run_id: str, after: int = 0) -> str:
        """Give the text of a run's journal, without its first `after` entries."""
        return self._request("GET", _path(run_id, "journal") + (f"?after={after}" if after else "")).text

    def held_leases(self) -> tuple[HeldLease, ...]:
        """List what may be struck now, or is."""
        return _HELD_LEASES.validate_json(self._request("GET", "/leases").content)

    def overview(self) -> Overview:
        """Put all runs together by experiment."""
        return Overview.model_validate_json(self._request("GET", "/experiments").content)

    def coverage(self) -> Coverage:
        """Tell what is known of each stage under each fault."""
        return Coverage.model_validate_json(self._request("GET", "/coverage").content)

    def list_runs(self, wanted: Wanted) -> RunPage:
        """List the runs that are wanted, newest first."""
        return self._post("/run_lists", wanted, RunPage)

    def measure_baseline(self, run_id: str) -> BaselineMeasured:
        """Measure the steady state before the strike."""
        return self._post(_path(run_id, "baseline"), None, BaselineMeasured)

    def find_twin(self, run_id: str, conf: Parameters) -> TwinFound | None:
        """Name the latest undisturbed run of the pipeline with these parameters."""
        return self._post(_path(run_id, "twin"), TwinRequest(conf=conf), TwinAnswer).twin

    def start_pipeline(self, run_id: str, conf: Parameters, ablated: Iterable[Layer] = ()) -> None:
        """Start the pipeline's DAG run, without some layers."""
        self._request("POST", _path(run_id, "pipeline"), StartPipelineRequest(conf=conf, ablated=tuple(ablated)))

    def arm(self, run_id: str, strike: str) -> Lease:
        """Get a lease on the strike's targets."""
        return self._post(_path(run_id, "strikes", strike, "lease"), None, Lease)

    def renew(self, run_id: str, strike: str) -> None:
        """Put off the end of an unused lease."""
        self._request("POST", _path(run_id, "strikes", strike, "renew"))

    def begin_strike(self, run_id: str, strike: str) -> None:
        """Let the strike wait for its moment."""
        self._request("POST", _path(run_id, "strikes", strike, "begin"))

    def recover(self, run_id: str, strike: str) -> bool:
        """Undo a strike; tell whether that is confirmed."""
        return self._post(_path(run_id, "strikes", strike, "recover"), None, RecoverAnswer).confirmed

    def read_records(self, run_id: str) -> RecordsRead:
        """Have the layers' records read, once a run."""
        return self._post(_path(run_id, "records"), None, RecordsRead)

    def note(self, run_id: str, event: ClientEvent) -> None:
        """Add a finding to the journal."""
        self._request("POST", _path(run_id, "events"), NoteRequest(event=event))

    def close(self, run_id: str, verdict: VerdictReached) -> None:
        """End an experiment run with its verdict."""
        self._request("POST", _path(run_id, "close"), verdict)

    def begin_campaign(self, plan: CampaignPlan) -> CampaignPlan:
        """Have a campaign's plan kept; give the one that it was begun with."""
        return self._post("/campaigns", plan, CampaignPlan)

    def end_campaign(self, campaign_id: str, end: CampaignEnd) -> None:
        """Have kept what came of a campaign."""
        self._request("POST", f"/campaigns/{quote(campaign_id, safe='')}/end", end)

    def campaign(self, campaign_id: str) -> CampaignRecord:
        """Give what is kept of a campaign."""
        return CampaignRecord.model_validate_json(
            self._request("GET", f"/campaigns/{quote(campaign_id, safe='')}").content
        )

    def campaigns(self) -> tuple[CampaignRecord, ...]:
        """Give all campaigns, in the order in which they were begun."""
        return _CAMPAIGNS.validate_json(self._request("GET", "/campaigns").content)

    def _post(self, path: str, body: BaseModel | None, answer: type[M]) -> M:
        return answer.model_validate_json(self._request("POST", path, body).content)

    def _request(self, method: str, path: str, body: BaseModel | None = None) -> httpx.Response:
        content = body.model_dump_json() if body else None
        headers = {"Content-Type": "application/json"} if body else {}
        timeout = self._look_seconds if method == "GET" else REQUEST_SECONDS
        try:
            response = self._http.request(method, path, content=content, headers=headers, timeout=timeout)
        except httpx.HTTPError as error:
            raise _silence(self._url, error) from error
        return _accepted(response)


class AsyncAgentClient:
    """What a trigger asks of the agent, beside many others in one event loop."""

    def __init__(self, settings: AgentSettings) -> None:
        """Remember where the agent is."""
        self._url = settings.url
        self._http = httpx.AsyncClient(
            base_url=settings.url,
            timeout=LOOK_SECONDS,
            headers={"Authorization": f"Bearer {settings.token.get_secret_value()}"},
        )

    async def status(self, run_id: str) -> RunStatus:
        """Tell where a run stands."""
        return RunStatus.model_validate_json((await self._request("GET", _path(run_id))).content)

    async def renew(self, run_id: str, strike: str) -> None:
        """Put off the end of an unused lease."""
        await self._request("POST", _path(run_id, "strikes", strike, "renew"))

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def _request(self, method: str, path: str) -> httpx.Response:
        try:
            response = await self._http.request(method, path)
        except httpx.HTTPError as error:
            raise _silence(self._url, error) from error
        return _accepted(response)


def _silence(url: str, error: httpx.HTTPError) -> AgentUnreachableError:
    return AgentUnreachableError(f"the agent at {url} does not answer: {type(error).__name__}")


def _accepted(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    asked = f"{response.request.method} {response.request.url.raw_path.decode()}"
    raise AgentError(f"the agent refused {asked} ({response.status_code}): {_detail(response)}")


def _path(run_id: str, *parts: str) -> str:
    return "/".join(["/experiment_runs", quote(run_id, safe=""), *(quote(part, safe="") for part in parts)])


def _detail(response: httpx.Response) -> str:
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError):
        return response.text[:300]
