"""Which nodes a target names."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from include.chaos.model import Component, Target
from include.chaos.platforms.local_nodes import find_nodes
from include.chaos.platforms.local_supervisor import LocalSupervisor
from include.errors import PlatformError
from include.settings import LocalSite, LocalSiteSettings, SiteComponent


@pytest.fixture
def supervisor(tmp_path: Path) -> LocalSupervisor:
    """A lab on paper, of two nodes and that of the control plane."""
    components = tuple(
        SiteComponent(name=name, component=name, port=None, node=node, hold_file=tmp_path / name, script=name)
        for name, node in [("warehouse", "node_1"), ("object_store", "node_2"), ("agent", "control")]
    )
    site = LocalSite(lab_id="lab", home=tmp_path, supervisor_url="http://127.0.0.1:1", components=components)
    file = tmp_path / "site.json"
    file.write_text(site.model_dump_json())
    return LocalSupervisor(LocalSiteSettings(file=file, supervisor_user="u", supervisor_password=SecretStr("p")))


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ((), ["node_1", "node_2"]),
        (("node_2",), ["node_2"]),
        (("control",), ["control"]),
    ],
)
def test_the_control_planes_node_is_found_only_by_its_name(
    supervisor: LocalSupervisor, named: tuple[str, ...], found: list[str]
) -> None:
    """So that "any node" never means the one that conducts the experiment."""
    instances = find_nodes(supervisor, Target(component=Component.NODE, instances=named))
    assert [instance.name for instance in instances] == found


def test_an_unknown_node_is_named_with_those_there_are(supervisor: LocalSupervisor) -> None:
    """A misspelt target strikes nothing."""
    with pytest.raises(PlatformError, match="there are: control, node_1, node_2"):
        find_nodes(supervisor, Target(component=Component.NODE, instances=("node_9",)))
