"""Write the table of all fault kinds: `python -m include.chaos.fault_table` makes docs/faults/README.md."""

import inspect
from typing import Any

from include.chaos.faults.base import FaultKind
from include.chaos.faults.catalogue import KINDS, name_of
from include.chaos.platforms.local import LocalPlatform
from include.settings import REPO_ROOT

TABLE_FILE = REPO_ROOT / "docs" / "faults" / "README.md"

PLATFORMS = (("local", LocalPlatform),)

_HEAD = """# The fault catalogue

Written by `python -m include.chaos.fault_table`; do not edit. Whatever the kind: its undo is on disk before the act,
and comes when the hold ends, when the teardown asks for it, when the lease expires, at a halt or an abort, when the
agent is stopped, and when an agent that was killed comes back. The last column says what happens when none ever does.

| kind | what it does | platforms | needs | confirmed how | without an agent, it ends how |
|---|---|---|---|---|---|
"""


def render() -> str:
    """Give the page as the file holds it."""
    return _HEAD + "".join(f"{_line(kind)}\n" for kind in sorted(KINDS, key=name_of))


def _line(kind: type[FaultKind[Any]]) -> str:
    name = name_of(kind)
    platforms = [platform for platform, implemented in PLATFORMS if implemented.offers(kind.ability())]
    cells = (
        f"[`{name}`]({name}.md)",
        (inspect.getdoc(kind) or "").partition("\n")[0],
        ", ".join(platforms) or "none yet",
        ", ".join(sorted(kind.needs)) or "",
        kind.confirmed_by,
        kind.without_agent,
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the file."""
    TABLE_FILE.write_text(render(), encoding="utf8")


if __name__ == "__main__":
    main()
