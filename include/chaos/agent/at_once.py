"""Do several things at the same time, for an undo should not wait for another one's."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def all_at_once(act: Callable[[T], bool], items: Iterable[T]) -> bool:
    """Do all, each in a thread of its own where there are several; tell whether all succeeded.

    What one of them raises is raised when all are done.
    """
    owed = list(items)
    if len(owed) <= 1:
        return all(act(item) for item in owed)
    with ThreadPoolExecutor(len(owed)) as pool:
        done = list(pool.map(act, owed))
    return all(done)
