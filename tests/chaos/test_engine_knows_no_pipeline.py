"""What the engine does for the pipelines that ship it does by their landing contracts: it knows none by name."""

import re

import pytest

from include.chaos.pipeline import PIPELINES, load_pipeline
from include.settings import REPO_ROOT

ENGINE = [
    *(REPO_ROOT / "include" / "chaos").rglob("*.py"),
    *(REPO_ROOT / "include" / "orchestration").glob("experiment_*.py"),
]


@pytest.mark.parametrize("name", [path.stem for path in PIPELINES.glob("*.yaml")])
def test_no_module_of_the_engine_names_a_dag_or_a_relation(name: str) -> None:
    """Nor imports a pipeline's own code, which the import contracts say, too."""
    pipeline = load_pipeline(name)
    own = [pipeline.dag_id, *(relation.name for relation in pipeline.accounted), f"include.{name}"]
    words = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in own))
    found = {str(path): words.findall(path.read_text(encoding="utf8")) for path in ENGINE}
    assert {path: names for path, names in found.items() if names} == {}
