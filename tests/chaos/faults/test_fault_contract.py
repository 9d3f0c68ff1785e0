"""What every fault kind keeps: it strikes, it is undone, and neither a second undo nor a lost target hurts."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from include.chaos.faults.catalogue import KINDS, Fault, name_of
from include.chaos.platforms.local import LocalPlatform
from include.errors import PlatformError
from include.lab.lab import Lab
from include.settings import REPO_ROOT
from tests.chaos.faults.cases import CASES
from tests.chaos.faults.scene import Scene, SmallLab
from tests.waiting import await_

SERVERS = frozenset({"warehouse", "object_store", "object_gate", "fault_proxy"})
NEVER_STRIKES = frozenset({"noop"})

every_kind = pytest.mark.parametrize("kind", [name_of(kind) for kind in KINDS])


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A real lab of a few servers, for all scenes.

    Not in pytest's own folder: every other session that starts closes that to PostgreSQL, which runs as another user
    than root.
    """
    home = Path(tempfile.mkdtemp(prefix="chaos-control-contract-"))
    home.chmod(0o755)
    lab = Lab.open(home, names=SERVERS)
    try:
        lab.up()
        yield lab
    finally:
        lab.down(purge=True)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def scene(lab: Lab, kind: str, tmp_path: Path) -> Iterator[Scene]:
    """One kind's scene, whole."""
    with CASES[kind](SmallLab(lab=lab, platform=LocalPlatform(lab.plan().site()), folder=tmp_path)) as scene:
        yield scene


def test_the_catalogue_is_one() -> None:
    """What can be written in a file is what is listed."""
    assert get_args(get_args(Fault)[0]) == KINDS


@every_kind
def test_every_kind_has_a_scene_and_a_page(kind: str) -> None:
    """A kind that nobody tries or describes is not a kind."""
    assert kind in CASES
    assert (REPO_ROOT / "docs" / "faults" / f"{kind}.md").is_file()


@every_kind
def test_the_lab_can_do_it_and_says_what_it_lacks(kind: str) -> None:
    """Validation learns both without acting."""
    [model] = [model for model in KINDS if name_of(model) == kind]
    assert LocalPlatform.offers(model.ability())
    assert set(LocalPlatform.lacking(model.needs)) <= model.needs


@every_kind
def test_it_strikes_and_is_undone_however_often(scene: Scene, kind: str) -> None:
    """Preparing changes nothing, others see the effect, the fault says that it stands, and its undo leaves nothing.

    A second undo finds nothing left to do, and one of what was never done does no harm.
    """
    injection = scene.prepared()
    assert kind == "delay_at" or not scene.is_struck(), "delay_at goes on with what its failpoint does already"
    struck = scene.fault.inject(injection, scene.ability)
    assert struck.name == scene.instance.name
    if kind not in NEVER_STRIKES:
        await_(scene.is_struck, "the effect")
    assert scene.fault.in_force(injection, scene.ability)
    scene.fault.extend(injection, injection.hold_until, scene.ability)
    scene.fault.recover(injection, scene.ability)
    scene.fault.recover(injection, scene.ability)
    await_(scene.is_whole, "the target to be whole")
    scene.fault.recover(scene.prepared(), scene.ability)
    await_(scene.is_whole, "the target to be whole still")


@every_kind
def test_undo_is_safe_when_the_target_was_replaced_meanwhile(scene: Scene, kind: str) -> None:
    """The processes that were struck are gone; the undo neither fails nor touches who came after."""
    injection = scene.prepared()
    scene.fault.inject(injection, scene.ability)
    scene.replace()
    scene.fault.recover(injection, scene.ability)
    await_(scene.is_whole, "the target to be whole")


@every_kind
def test_what_is_gone_cannot_be_struck(scene: Scene, kind: str) -> None:
    """A target that is not there is an error, not a strike; its undo is harmless once it is there again."""
    if not scene.can_be_gone:
        pytest.skip("its target is the machine on which this runs")
    injection = scene.prepared()
    scene.remove()
    if kind in NEVER_STRIKES:
        scene.fault.inject(injection, scene.ability)
    else:
        with pytest.raises(PlatformError):
            scene.fault.inject(injection, scene.ability)
    scene.restore()
    scene.fault.recover(injection, scene.ability)
    await_(scene.is_whole, "the target to be whole")
