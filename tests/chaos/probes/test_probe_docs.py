"""The page on probes tells of every kind, in examples that can be copied."""

import re

import pytest
import yaml
from pydantic import TypeAdapter

from include.chaos.probes.catalogue import Probe
from include.chaos.tolerances import Tolerance
from include.settings import REPO_ROOT
from tests.chaos.probes.test_probe_contract import KINDS, kind_of

PAGE = (REPO_ROOT / "docs" / "probes.md").read_text(encoding="utf8")
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


def test_every_example_is_a_probe() -> None:
    """Whoever copies one has a file that is read."""
    adapter: TypeAdapter[Probe] = TypeAdapter(Probe)
    probes = [probe for found in EXAMPLES for probe in (found if isinstance(found, list) else _probes_of(found))]
    assert len([adapter.validate_python(probe) for probe in probes]) > 10


@pytest.mark.parametrize("kind", [kind_of(model) for model in KINDS])
def test_every_kind_is_in_the_table(kind: str) -> None:
    """With all its own parameters."""
    (row,) = re.findall(rf"^\| `{kind}` \|.*$", PAGE, re.MULTILINE)
    model = next(model for model in KINDS if kind_of(model) == kind)
    shared = {"name", "kind", "tolerance", "every", "timeout", "address", "instance"}
    parameters = set(model.model_fields) - shared - ({"component"} if "address" in model.model_fields else set())
    assert {parameter for parameter in parameters if f"`{parameter}" not in row} == set()


@pytest.mark.parametrize("word", list(Tolerance.model_fields))
def test_every_tolerance_is_in_the_table(word: str) -> None:
    """One row or a part of one."""
    assert f"`{word}:" in PAGE


def _probes_of(found: dict[str, dict[str, list[object]]]) -> list[object]:
    return found["steady_state"]["probes"]
