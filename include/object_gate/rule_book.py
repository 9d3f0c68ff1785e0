"""The rules that stand now, and which of them meets a request."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from include.object_gate.rules import (
    ChangedObject,
    CorruptObject,
    ErrorAnswer,
    HeldRule,
    Latency,
    MissingObject,
    Rule,
    StaleListing,
    TruncatedBody,
)
from include.object_gate.s3_request import Operation, S3Request

_ON_REQUESTS = (ErrorAnswer, Latency)
_ON_HEAD = (MissingObject, ChangedObject)
_ON_GET = (*_ON_HEAD, TruncatedBody, CorruptObject)


@dataclass(slots=True)
class _Held:
    rule: Rule
    requests: int = 0
    hits: int = 0


class RuleBook:
    """Rules by name, in the order in which they came; those that have expired are gone."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """Begin without rules."""
        self._now = now
        self._held: dict[str, _Held] = {}

    def __bool__(self) -> bool:
        """Tell whether there may be any rule."""
        return bool(self._held)

    def put(self, name: str, rule: Rule) -> None:
        """Set a rule; one that differs in its end only goes on counting."""
        held = self._held.get(name)
        if held and held.rule.model_copy(update={"expires_at": rule.expires_at}) == rule:
            held.rule = rule
        else:
            self._held[name] = _Held(rule)

    def get(self, name: str) -> HeldRule | None:
        """Give a rule that stands."""
        self._drop_expired()
        held = self._held.get(name)
        return HeldRule(rule=held.rule, hits=held.hits) if held else None

    def delete(self, name: str) -> None:
        """Drop a rule, if it is there."""
        self._held.pop(name, None)

    def names(self) -> list[str]:
        """Name the rules that stand."""
        self._drop_expired()
        return list(self._held)

    def on_request(self, request: S3Request) -> Iterator[Rule]:
        """Give the rules about requests that strike this one; each counts it."""
        self._drop_expired()
        for held in list(self._held.values()):
            if isinstance(held.rule.effect, _ON_REQUESTS) and held.rule.covers(request.bucket, request.subject):
                held.requests += 1
                if held.rule.picks(str(held.requests)):
                    held.hits += 1
                    yield held.rule

    def on_object(self, request: S3Request) -> Rule | None:
        """Give the first rule that strikes the object that is asked for."""
        effects = _ON_GET if request.operation is Operation.GET else _ON_HEAD
        for held in self._held.values():
            rule = held.rule
            if (
                isinstance(rule.effect, effects)
                and rule.covers(request.bucket, request.key)
                and rule.picks(request.key)
            ):
                held.hits += 1
                return rule
        return None

    def hides(self, bucket: str) -> Callable[[str], bool] | None:
        """Give what tells whether a listing leaves a key out; None when listings are whole."""
        stale = [
            it for it in self._held.values() if isinstance(it.rule.effect, StaleListing) and it.rule.bucket == bucket
        ]
        if not stale:
            return None

        def is_hidden(key: str) -> bool:
            hiding = next((it for it in stale if it.rule.covers(bucket, key) and it.rule.picks(key)), None)
            if hiding:
                hiding.hits += 1
            return hiding is not None

        return is_hidden

    def _drop_expired(self) -> None:
        now = self._now()
        for name, held in list(self._held.items()):
            if held.rule.expires_at is not None and held.rule.expires_at <= now:
                del self._held[name]
