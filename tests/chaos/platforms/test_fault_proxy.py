"""The client of the fault proxy's API, with a real proxy before a server that is not there."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from include.chaos.faults.abilities import Stream, Toxic
from include.chaos.model import Component, TargetInstance
from include.chaos.platforms.fault_proxy import FaultProxy
from include.errors import PlatformError
from include.settings import REPO_ROOT, FaultProxySettings, ProxiedServer, ProxiedServers
from tests.scale.servers import free_port
from tests.waiting import await_

WAREHOUSE = TargetInstance(name="warehouse", component=Component.WAREHOUSE)
SWALLOW = Toxic(name="injection-upstream", type="timeout", stream=Stream.UPSTREAM, attributes={"timeout": 0})


def in_a_minute() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=1)


@contextmanager
def running(settings: FaultProxySettings) -> Iterator[subprocess.Popen[bytes]]:
    """Run a proxy before the warehouse."""
    behind = ProxiedServer(name="warehouse", listen=f"127.0.0.1:{free_port()}", upstream="127.0.0.1:1")
    variables = settings.to_environment() | ProxiedServers(proxies=(behind,)).to_environment()
    environment = {**os.environ, **variables, "PYTHONPATH": str(REPO_ROOT)}
    with subprocess.Popen([sys.executable, "-m", "include.fault_proxy"], env=environment) as process:
        try:
            yield process
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def settings() -> FaultProxySettings:
    return FaultProxySettings(url=f"http://127.0.0.1:{free_port()}", token=SecretStr("token"))


@pytest.fixture(scope="module")
def proxy(settings: FaultProxySettings) -> Iterator[FaultProxy]:
    """A client of a proxy that is up."""
    client = FaultProxy(settings)
    with running(settings):
        await_(lambda: _answers(client), "the proxy to answer")
        yield client


def _answers(client: FaultProxy) -> bool:
    with suppress(PlatformError):
        client.add(WAREHOUSE, SWALLOW, datetime.now(UTC))
        return True
    return False


def test_what_is_added_twice_is_there_once_and_removed_twice_is_gone(proxy: FaultProxy) -> None:
    """Every verb may come again."""
    proxy.add(WAREHOUSE, SWALLOW, in_a_minute())
    proxy.add(WAREHOUSE, SWALLOW, in_a_minute())
    assert proxy.toxics(WAREHOUSE) == {SWALLOW.name}
    proxy.remove(WAREHOUSE, SWALLOW.name)
    proxy.remove(WAREHOUSE, SWALLOW.name)
    assert proxy.toxics(WAREHOUSE) == frozenset()


def test_a_toxic_is_kept_until_another_time(proxy: FaultProxy) -> None:
    """One whose time has come is gone."""
    proxy.add(WAREHOUSE, SWALLOW, in_a_minute())
    proxy.keep(WAREHOUSE, SWALLOW, datetime.now(UTC))
    await_(lambda: not proxy.toxics(WAREHOUSE), "the toxic to end by itself")


def test_a_cut_is_ended_in_the_name_in_which_it_was_made(proxy: FaultProxy) -> None:
    """The undo of an injection that was over long ago ends no other's cut."""
    proxy.cut(WAREHOUSE, "mine", in_a_minute())
    proxy.restore(WAREHOUSE, "an earlier one")
    assert not proxy.is_cut(WAREHOUSE, "an earlier one")
    assert proxy.is_cut(WAREHOUSE, "mine")
    proxy.restore(WAREHOUSE, "mine")
    assert not proxy.is_cut(WAREHOUSE, "mine")


def test_an_unknown_proxy_is_an_error(proxy: FaultProxy) -> None:
    """Nothing can be put into a way that is not proxied."""
    worker = TargetInstance(name="spark_worker_1", component=Component.SPARK_WORKER)
    with pytest.raises(PlatformError, match="404"):
        proxy.add(worker, SWALLOW, in_a_minute())


def test_a_wrong_token_is_an_error(proxy: FaultProxy, settings: FaultProxySettings) -> None:
    """It never counts as a proxy that is gone."""
    stranger = FaultProxy(settings.model_copy(update={"token": SecretStr("other")}))
    with pytest.raises(PlatformError, match="401"):
        stranger.toxics(WAREHOUSE)


def test_where_nobody_listens_nothing_can_be_added_and_nothing_is_left() -> None:
    """The toxics of a proxy that has ended are gone with it; a new one is not to be had."""
    gone = FaultProxy(FaultProxySettings(url=f"http://127.0.0.1:{free_port()}", token=SecretStr("token")))
    with pytest.raises(PlatformError):
        gone.add(WAREHOUSE, SWALLOW, in_a_minute())
    gone.remove(WAREHOUSE, SWALLOW.name)
    gone.restore(WAREHOUSE, "mine")
    assert gone.toxics(WAREHOUSE) == frozenset()
    assert not gone.is_cut(WAREHOUSE, "mine")


def test_a_proxy_that_hangs_is_not_gone() -> None:
    """Its toxics may be there still, so an undo has to be tried again."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        hung = FaultProxy(FaultProxySettings(url=f"http://127.0.0.1:{port}", token=SecretStr("token")), patience=0.1)
        with pytest.raises(PlatformError):
            hung.remove(WAREHOUSE, SWALLOW.name)
