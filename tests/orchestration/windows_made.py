"""Windows for tests, said as people write them."""

from include.orchestration.windows import Window


def window(**said: object) -> Window:
    """Tuesdays to Thursdays, ten to four in Berlin, unless said otherwise."""
    usual: dict[str, object] = {
        "timezone": "Europe/Berlin",
        "hours": [{"weekdays": ["tue", "wed", "thu"], "opens": "10:00", "closes": "16:00"}],
        "experiments": ["one", "two", "three"],
    }
    return Window.model_validate(usual | said)
