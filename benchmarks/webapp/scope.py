"""How much is asked of the recommender, and where it is served."""

from dataclasses import dataclass

from benchmarks.webapp.questions import Questions
from tests.scale.servers import PostgresServer
from tests.webapp.serving import Served

CONNECTIONS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class WebappScope:
    """The recommender, its warehouse, and for how many seconds each thing is measured."""

    server: PostgresServer
    site: Served
    questions: Questions
    seconds: float
    outage_seconds: float
