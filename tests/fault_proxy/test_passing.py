"""What the proxy does to real connections, with toxics and without."""

import asyncio
import random
import time

import pytest

from tests.fault_proxy.around import Around, echo, heard, is_silent, play


def test_without_a_toxic_everything_passes_unchanged() -> None:
    """In both directions, whatever its size."""

    async def scene(made: Around) -> None:
        said = random.Random(1).randbytes(8 * 2**20)
        client = await made.connect()
        assert await echo(client, said) == said

    play(scene)


def test_the_end_of_one_direction_is_passed_on_alone() -> None:
    """A client that has said everything still hears the answer."""

    async def scene(made: Around) -> None:
        client = await made.connect()
        client[1].write(b"the last")
        client[1].write_eof()
        assert await heard(client) == b"the last"

    play(scene)


def test_a_reader_that_is_slow_holds_up_the_sender() -> None:
    """The proxy is no bottomless buffer: what it takes is bounded while nobody reads on the other side."""

    async def scene(made: Around) -> None:
        client = await made.connect()
        client[0]._transport.pause_reading()  # type: ignore[attr-defined]
        client[1].write(bytes(64 * 2**20))
        seen = -1
        while seen < len(made.heard):
            seen = len(made.heard)
            await asyncio.sleep(0.3)
        assert seen < 48 * 2**20
        client[1].transport.abort()

    play(scene)


def test_a_server_that_is_gone_resets_its_clients() -> None:
    """The nearest to a refusal that can be had."""

    async def scene(made: Around) -> None:
        await made.ask("POST", "/proxies/echo", upstream="127.0.0.1:1")
        client = await asyncio.open_connection("127.0.0.1", made.port)
        with pytest.raises(ConnectionResetError):
            await heard(client)

    play(scene)


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_latency_delays_connections_that_are_open(stream: str) -> None:
    """The question or the answer comes so much later, in its order."""

    async def scene(made: Around) -> None:
        client = await made.connect()
        await made.add("latency", stream, latency=150, jitter=20)
        began = time.monotonic()
        assert await echo(client, b"one") == b"one"
        assert time.monotonic() - began >= 0.13
        assert await echo(client, bytes(range(256)) * 4096) == bytes(range(256)) * 4096

    play(scene)


def test_what_is_delayed_leaves_when_the_latency_is_removed() -> None:
    """Nothing waits for a fault that is over."""

    async def scene(made: Around) -> None:
        client = await made.connect()
        await made.add("latency", latency=3_600_000)
        client[1].write(b"question")
        assert await is_silent(client)
        await made.remove("latency")
        assert await client[0].readexactly(8) == b"question"

    play(scene)


def test_bandwidth_is_a_limit() -> None:
    """What passes takes as long as its size says."""

    async def scene(made: Around) -> None:
        client = await made.connect()
        await made.add("bandwidth", rate=200)
        began = time.monotonic()
        assert await echo(client, bytes(60_000)) == bytes(60_000)
        assert time.monotonic() - began >= 0.28

    play(scene)


def test_a_timeout_of_nothing_swallows_until_it_is_removed() -> None:
    """Then the connection is closed, for it lacks what was swallowed; a new one is whole."""

    async def scene(made: Around) -> None:
        client = await made.connect()
        await made.add("timeout", timeout=0)
        client[1].write(b"question")
        assert await is_silent(client)
        assert bytes(made.heard) == b"helloquestion"
        await made.remove("timeout")
        assert await heard(client) == b""
        await made.connect()

    play(scene)


def test_one_direction_can_be_swallowed_alone() -> None:
    """The server hears nothing more."""

    async def scene(made: Around) -> None:
        client = await made.connect()
        await made.add("timeout", "upstream", timeout=0)
        client[1].write(b"question")
        assert await is_silent(client)
        assert bytes(made.heard) == b"hello"

    play(scene)


def test_a_timeout_closes_when_it_is_over() -> None:
    """Without anything being said."""

    async def scene(made: Around) -> None:
        client = await made.connect()
        await made.add("timeout", timeout=50)
        assert await heard(client) == b""

    play(scene)


def test_a_client_that_leaves_is_let_go_even_when_its_data_are_swallowed() -> None:
    """An end passes where data do not, or connections would pile up at the server."""

    async def scene(made: Around) -> None:
        client = await made.connect()
        await made.add("timeout", "upstream", timeout=0)
        client[1].write_eof()
        assert await heard(client) == b""

    play(scene)


def test_a_reset_is_a_reset() -> None:
    """RST, with the next data."""

    async def scene(made: Around) -> None:
        client = await made.connect()
        await made.add("reset_peer", "upstream", timeout=0)
        client[1].write(b"question")
        with pytest.raises(ConnectionResetError):
            await heard(client)
        assert bytes(made.heard) == b"hello"

    play(scene)


def test_limited_data_end_at_the_very_byte() -> None:
    """Counted from the toxic's coming."""

    async def scene(made: Around) -> None:
        client = await made.connect()
        await made.add("limit_data", bytes=1000)
        assert await echo(client, bytes(700)) == bytes(700)
        assert await echo(client, bytes(700)) == bytes(300)
        assert await heard(client) == b""

    play(scene)


def test_corrupt_data_have_their_length() -> None:
    """One bit of the chunk is another."""

    async def scene(made: Around) -> None:
        client = await made.connect()
        await made.add("corrupt", share=1.0)
        got = await echo(client, bytes(100))
        assert sum(byte.bit_count() for byte in got) == 1
        assert len(got) == 100

    play(scene)


def test_a_slow_close_delays_the_end_and_nothing_else() -> None:
    """The answer is there long before the end is."""

    async def scene(made: Around) -> None:
        client = await made.connect()
        await made.add("slow_close", delay=300)
        began = time.monotonic()
        assert await echo(client, b"question") == b"question"
        client[1].write_eof()
        assert await heard(client) == b""
        assert time.monotonic() - began >= 0.28

    play(scene)


def test_toxicity_spares_connections() -> None:
    """The dice fall once for each connection."""

    async def scene(made: Around) -> None:
        await made.add("timeout", toxicity=0.0, timeout=0)
        await made.connect()

    play(scene)


def test_a_disabled_proxy_refuses_and_cuts() -> None:
    """On the port that it has again when it is enabled."""

    async def scene(made: Around) -> None:
        client = await made.connect()
        await made.ask("POST", "/proxies/echo", enabled=False)
        assert await heard(client) == b""
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", made.port)
        await made.ask("POST", "/proxies/echo", enabled=True)
        await made.connect()

    play(scene)


def test_a_toxic_ends_at_its_deadline() -> None:
    """Without anybody removing it; a later deadline counts from then on."""

    async def scene(made: Around) -> None:
        client = await made.connect()
        await made.add("timeout", timeout=0, expires_at=time.time() + 0.2)
        later = {"expires_at": time.time() + 0.5}
        await made.ask("POST", "/proxies/echo/toxics/timeout", attributes=later)
        assert await heard(client) == b""
        assert time.time() >= later["expires_at"]
        assert (await made.ask("GET", "/proxies/echo/toxics")).json() == []

    play(scene)


def test_a_cut_ends_at_its_deadline() -> None:
    """The proxy comes back by itself."""

    async def scene(made: Around) -> None:
        await made.ask("POST", "/proxies/echo", enabled=False, disabled_by="me", expires_at=time.time() + 0.2)
        assert not (await made.ask("GET", "/proxies/echo")).json()["enabled"]
        await asyncio.sleep(0.3)
        await made.connect()

    play(scene)
