"""What is being done at the moment, on stderr."""

from rich.console import Console

_console = Console(stderr=True, highlight=False, log_path=False)


def tell(what: str) -> None:
    """Say what begins now."""
    _console.log(what)
