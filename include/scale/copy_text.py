"""Columns of numbers in the text format of PostgreSQL's COPY, spelled out by Arrow instead of value by value."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships no types
import pyarrow.compute as pc  # type: ignore[import-untyped]
from numpy.typing import NDArray

Texts: TypeAlias = Sequence[str]
Column: TypeAlias = int | NDArray[np.integer] | Texts


def array_literals(values: NDArray[np.integer], edges: Sequence[int]) -> Texts:
    """Spell `values[edges[i]:edges[i + 1]]` out as PostgreSQL's arrays, one for each i: `{1,2,3}`."""
    texts = pc.cast(pa.array(values), pa.string())
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(edges, pa.int32()), texts), ",")
    literals: Texts = pc.binary_join_element_wise("{", joined, "}", "").to_pylist()
    return literals


def copy_lines(*columns: Column) -> str:
    """Put columns of one length side by side; a number stands for a column of itself. No text may need escaping."""
    texts = [str(column) if isinstance(column, int) else pc.cast(pa.array(column), pa.string()) for column in columns]
    lines = pc.binary_join_element_wise(*texts, "\t").to_pylist()
    return "".join(f"{line}\n" for line in lines)
