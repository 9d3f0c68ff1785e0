"""The API, as clients of Toxiproxy know it."""

import pytest

from tests.fault_proxy.around import Around, play


def test_nothing_is_answered_without_the_token() -> None:
    """Who can put a fault into the way can stop everything."""

    async def scene(made: Around) -> None:
        for path in ("/version", "/proxies", "/proxies/echo/toxics"):
            assert (await made.api.get(path, headers={"Authorization": "Bearer other"})).status_code == 401
            assert (await made.api.get(path, headers={"Authorization": ""})).status_code == 401

    play(scene)


def test_the_version_is_toxiproxys() -> None:
    """Clients look at the number before the first dot."""

    async def scene(made: Around) -> None:
        assert (await made.ask("GET", "/version")).json()["version"].startswith("2.")

    play(scene)


def test_a_proxy_is_made_shown_and_deleted() -> None:
    """With the port that it was given, and no toxics."""

    async def scene(made: Around) -> None:
        answer = await made.ask("POST", "/proxies", name="two", listen="127.0.0.1:0", upstream="127.0.0.1:1")
        assert answer.status_code == 201
        assert not answer.json()["listen"].endswith(":0")
        assert set((await made.ask("GET", "/proxies")).json()) == {"echo", "two"}
        assert (await made.ask("GET", "/proxies/two")).json() == answer.json()
        assert (await made.ask("DELETE", "/proxies/two")).status_code == 204
        assert set((await made.ask("GET", "/proxies")).json()) == {"echo"}

    play(scene)


def test_a_toxic_is_made_shown_changed_and_deleted() -> None:
    """With Toxiproxy's defaults."""

    async def scene(made: Around) -> None:
        path = "/proxies/echo/toxics"
        made_one = (await made.ask("POST", path, type="latency", attributes={"latency": 100})).json()
        assert made_one == {
            "name": "latency_downstream",
            "type": "latency",
            "stream": "downstream",
            "toxicity": 1.0,
            "attributes": {"latency": 100, "jitter": 0},
        }
        assert (await made.ask("GET", path)).json() == [made_one]
        assert (await made.ask("GET", f"{path}/latency_downstream")).json() == made_one
        changed = (await made.ask("PATCH", f"{path}/latency_downstream", attributes={"jitter": 5})).json()
        assert changed["attributes"] == {"latency": 100, "jitter": 5}
        assert (await made.ask("GET", "/proxies/echo")).json()["toxics"] == [changed]
        assert (await made.ask("DELETE", f"{path}/latency_downstream")).status_code == 204
        assert (await made.ask("GET", path)).json() == []

    play(scene)


def test_a_reset_enables_all_and_removes_every_toxic() -> None:
    """Whoever is lost begins anew."""

    async def scene(made: Around) -> None:
        await made.add("latency", latency=1)
        await made.ask("POST", "/proxies/echo", enabled=False)
        assert (await made.ask("POST", "/reset")).status_code == 204
        shown = (await made.ask("GET", "/proxies/echo")).json()
        assert shown["enabled"] is True
        assert shown["toxics"] == []

    play(scene)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/proxies/none", None, 404),
        ("GET", "/proxies/echo/toxics/none", None, 404),
        ("DELETE", "/proxies/echo/toxics/none", None, 404),
        ("POST", "/proxies", {"name": "echo", "upstream": "127.0.0.1:1"}, 409),
        ("POST", "/proxies", {"name": "more"}, 400),
        ("POST", "/proxies", {"name": "more", "upstream": "nowhere"}, 400),
        ("POST", "/proxies/echo/toxics", {"type": "magic"}, 400),
        ("POST", "/proxies/echo/toxics", {"type": "latency", "stream": "sideways"}, 400),
        ("POST", "/proxies/echo/toxics", {"type": "latency", "attributes": {"latency": -1}}, 400),
    ],
)
def test_a_refusal_says_why(method: str, path: str, body: dict[str, object] | None, status: int) -> None:
    """In the form that Toxiproxy's clients read."""

    async def scene(made: Around) -> None:
        answer = await made.api.request(method, path, json=body)
        assert answer.status_code == status
        assert answer.json()["status"] == status
        assert answer.json()["error"]

    play(scene)


def test_two_toxics_have_two_names() -> None:
    """The second of one name is refused."""

    async def scene(made: Around) -> None:
        await made.add("latency", latency=1)
        assert (await made.api.post("/proxies/echo/toxics", json={"name": "latency", "type": "bandwidth"})).is_error

    play(scene)
