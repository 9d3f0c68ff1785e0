"""The agent's HTTP API: a thin shell around the registry. Every call needs the token."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, status
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import Field, SecretStr

from include.chaos.agent.campaign_shelf import CampaignShelf
from include.chaos.agent.health import Health, Vitals
from include.chaos.agent.planning import Plan
from include.chaos.agent.registry import Registry
from include.chaos.agent.run_status import HeldLease, OpenRequest, RunStatus
from include.chaos.campaigns.matrix import CampaignPlan
from include.chaos.campaigns.outcomes import CampaignEnd, CampaignRecord
from include.chaos.events import BaselineMeasured, ClientEvent, RecordsRead, TwinFound, VerdictReached
from include.chaos.experiment import Experiment
from include.chaos.layers import Layer
from include.chaos.model import Lease, LeaseState, Model
from include.chaos.platforms.airflow import Parameters
from include.chaos.run_overview import Coverage, Overview, RunPage, Wanted
from include.errors import ChaosControlError


class HaltRequest(Model):
    """Why to halt."""

    reason: str = Field(min_length=1)


class StartPipelineRequest(Model):
    """The parameters of the pipeline's DAG run, and the layers that it is to do without."""

    conf: Parameters
    ablated: tuple[Layer, ...] = ()


class TwinRequest(Model):
    """The parameters of which an undisturbed run is looked for."""

    conf: Parameters


class TwinAnswer(Model):
    """The latest undisturbed run with these parameters, if there is one."""

    twin: TwinFound | None


class RecoverAnswer(Model):
    """Whether the undo is confirmed."""

    confirmed: bool


class NoteRequest(Model):
    """What a client found out."""

    event: ClientEvent


def build_app(registry: Registry, token: SecretStr) -> FastAPI:
    """Build the API around a registry; there is no documentation page, for it would need no token."""
    bearer = HTTPBearer(auto_error=False)

    def require_token(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> None:
        given = credentials.credentials if credentials else ""
        if not secrets.compare_digest(given.encode(), token.get_secret_value().encode()):
            raise HTTPException(status.HTTP_401_UNAUTHORIZED, "this agent asks for a bearer token")

    app = FastAPI(
        title="Chaos Control agent",
        dependencies=[Depends(require_token)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.add_exception_handler(ChaosControlError, _refuse)
    app.include_router(_agent_routes(registry))
    app.include_router(_archive_routes(registry))
    app.include_router(_run_routes(registry))
    app.include_router(_pipeline_routes(registry))
    app.include_router(_strike_routes(registry))
    app.include_router(_campaign_routes(registry.campaigns))
    return app


def _agent_routes(registry: Registry) -> APIRouter:
    router = APIRouter()
    vitals = Vitals()

    @router.get("/health")
    def health() -> Health:
        return vitals.read(registry)

    @router.get("/leases")
    def held_leases() -> list[HeldLease]:
        return registry.held_leases()

    @router.post("/plans")
    def plan(experiment: Experiment) -> Plan:
        return registry.plan(experiment)

    @router.post("/halt")
    def halt(request: HaltRequest) -> RecoverAnswer:
        return RecoverAnswer(confirmed=registry.halt(request.reason))

    @router.post("/resume")
    def resume() -> None:
        registry.resume()

    return router


def _archive_routes(registry: Registry) -> APIRouter:
    router = APIRouter()

    @router.get("/experiments")
    def overview() -> Overview:
        return registry.archive.overview()

    @router.get("/coverage")
    def coverage() -> Coverage:
        return registry.archive.coverage()

    @router.post("/run_lists")
    def list_runs(wanted: Wanted) -> RunPage:
        return registry.archive.runs(wanted)

    return router


def _run_routes(registry: Registry) -> APIRouter:
    router = APIRouter()

    @router.post("/experiment_runs")
    def open_run(request: OpenRequest) -> RunStatus:
        return registry.open(request).status()

    @router.get("/experiment_runs")
    def open_runs() -> tuple[RunStatus, ...]:
        return tuple(run.status() for run in registry.open_runs())

    @router.get("/experiment_runs/{run_id}")
    def run_status(run_id: str) -> RunStatus:
        return registry.get(run_id).status()

    @router.get("/experiment_runs/{run_id}/journal", response_class=PlainTextResponse)
    def journal(run_id: str, after: Annotated[int, Query(ge=0)] = 0) -> str:
        return registry.read(run_id, after)

    @router.post("/experiment_runs/{run_id}/baseline")
    def measure_baseline(run_id: str) -> BaselineMeasured:
        return registry.get(run_id).measure_baseline()

    @router.post("/experiment_runs/{run_id}/records")
    def read_records(run_id: str) -> RecordsRead:
        return registry.get(run_id).read_records()

    @router.post("/experiment_runs/{run_id}/events")
    def note(run_id: str, request: NoteRequest) -> None:
        registry.get(run_id).note(request.event)

    @router.post("/experiment_runs/{run_id}/close")
    def close(run_id: str, verdict: VerdictReached) -> None:
        registry.close(run_id, verdict)

    return router


def _pipeline_routes(registry: Registry) -> APIRouter:
    router = APIRouter()

    @router.post("/experiment_runs/{run_id}/twin")
    def find_twin(run_id: str, request: TwinRequest) -> TwinAnswer:
        return TwinAnswer(twin=registry.get(run_id).find_twin(request.conf))

    @router.post("/experiment_runs/{run_id}/pipeline")
    def start_pipeline(run_id: str, request: StartPipelineRequest) -> None:
        registry.get(run_id).start_pipeline(request.conf, request.ablated)

    return router


def _strike_routes(registry: Registry) -> APIRouter:
    router = APIRouter(prefix="/experiment_runs/{run_id}/strikes/{strike}")

    @router.post("/lease")
    def arm(run_id: str, strike: str) -> Lease:
        return registry.get(run_id).arm(strike)

    @router.post("/renew")
    def renew(run_id: str, strike: str) -> LeaseState | None:
        return registry.get(run_id).renew(strike)

    @router.post("/begin")
    def begin(run_id: str, strike: str) -> None:
        registry.get(run_id).begin_strike(strike)

    @router.post("/recover")
    def recover(run_id: str, strike: str) -> RecoverAnswer:
        return RecoverAnswer(confirmed=registry.get(run_id).recover(strike))

    return router


def _campaign_routes(shelf: CampaignShelf) -> APIRouter:
    router = APIRouter(prefix="/campaigns")

    @router.get("")
    def campaigns() -> tuple[CampaignRecord, ...]:
        return shelf.all()

    @router.get("/{campaign_id}")
    def campaign(campaign_id: str) -> CampaignRecord:
        return shelf.get(campaign_id)

    @router.post("")
    def begin(plan: CampaignPlan) -> CampaignPlan:
        return shelf.begin(plan)

    @router.post("/{campaign_id}/end")
    def end(campaign_id: str, end: CampaignEnd) -> None:
        shelf.end(campaign_id, end)

    return router


async def _refuse(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=status.HTTP_409_CONFLICT)
