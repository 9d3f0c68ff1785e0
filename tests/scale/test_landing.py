"""How Spark tries again depends on the landing, and for a fenced one on how the job was submitted."""

from dataclasses import replace

import pytest

from include.scale.landing import spark_configuration
from include.scale.model import LandingMode, Manifest
from include.settings import ScaleSettings
from tests.scale.conftest import Bucket, Freeze


@pytest.fixture
def manifest(bucket: Bucket, freeze: Freeze) -> Manifest:
    """A manifest of one object."""
    bucket.fill({"a.mid": b"1"})
    return freeze("run-1")


def test_a_fenced_job_bears_as_many_failures_as_it_was_submitted_with(manifest: Manifest) -> None:
    """What the session sets itself would win over what the run asks for."""
    assert spark_configuration(manifest, ScaleSettings()) == {"spark.speculation": True}


def test_an_appending_job_gives_up_at_its_first_failure_whatever_is_asked_for(manifest: Manifest) -> None:
    """As the original did; nor is a slow task started twice."""
    appending = replace(manifest, landing=LandingMode.APPEND)
    wanted = {"spark.task.maxFailures": 1, "spark.speculation": False}
    assert spark_configuration(appending, ScaleSettings()) == wanted
