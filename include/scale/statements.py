"""SQL statements, each in a file under `include/sql`."""

from functools import cache

from include.settings import REPO_ROOT

SQL = REPO_ROOT / "include" / "sql"


@cache
def statement(name: str) -> bytes:
    """Read `include/sql/scale/<name>.sql`."""
    return (SQL / "scale" / f"{name}.sql").read_bytes()
