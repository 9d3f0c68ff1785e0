"""`prometheus`: the one value of a PromQL query."""

from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, Field, ValidationError

from include.chaos.model import Measurement
from include.chaos.probes.base import SEEN_LIMIT, Every
from include.chaos.probes.http import HttpReader, Scheme
from include.chaos.probes.place import PlacedProbe
from include.errors import PlatformError

HTTP_OK = 200

_At = tuple[float, str]


class _Series(BaseModel):
    value: _At


class _Vector(BaseModel):
    result_type: Literal["vector"] = Field(alias="resultType")
    result: list[_Series]


class _Scalar(BaseModel):
    result_type: Literal["scalar"] = Field(alias="resultType")
    result: _At


class _Answer(BaseModel):
    """What `/api/v1/query` gives: https://prometheus.io/docs/prometheus/latest/querying/api/."""

    data: Annotated[_Vector | _Scalar, Field(discriminator="result_type")]


class PrometheusProbe(PlacedProbe):
    """An instant query that gives one number; no series, or more than one, is a failed look."""

    kind: Literal["prometheus"]
    query: str = Field(min_length=1, description="PromQL; aggregate until one series is left")
    scheme: Scheme = Scheme.HTTP
    every: Every = timedelta(milliseconds=500)

    def measure(self, http: HttpReader, baseline: float | None = None) -> Measurement:
        """Take one look."""
        return self.judge_look(lambda: self._see(http), baseline)

    def _see(self, http: HttpReader) -> float:
        path = f"/api/v1/query?{urlencode({'query': self.query})}"
        answer = http.get(self.place, path, scheme=self.scheme, timeout=self.patience, limit=SEEN_LIMIT)
        if answer.status != HTTP_OK:
            raise PlatformError(f"Prometheus answers {answer.status}: {answer.body[:200]}")
        return _only_value(answer.body)


def _only_value(body: str) -> float:
    try:
        data = _Answer.model_validate_json(body).data
    except ValidationError as error:
        raise PlatformError(f"expected a vector or a scalar from Prometheus, got {body[:200]}") from error
    if isinstance(data, _Scalar):
        return float(data.result[1])
    if len(data.result) != 1:
        raise PlatformError(f"expected one series, got {len(data.result)}")
    return float(data.result[0].value[1])
