"""What pages and JSON have in common: finding what is named, and noting how old an answer is."""

from typing import TypeVar

from flask import g

from include.webapp.general_midi import FAMILY_OF_SLUG, INSTRUMENT_OF_SLUG, Family, Instrument
from include.webapp.model import Answer, Similar
from include.webapp.questions import Question
from include.webapp.recommender import Recommender
from include.webapp.refusals import not_found

T = TypeVar("T")


def noted(answer: Answer[T]) -> T:
    """Give an answer's value, and have the response say since when it may be stale."""
    g.stale_since = answer.stale_since
    return answer.value


def instrument_named(slug: str) -> Instrument:
    """Find an instrument by the name in its address."""
    if slug not in INSTRUMENT_OF_SLUG:
        raise not_found(f"General MIDI has no instrument {slug[:50]!r}. The start page lists all 128.")
    return INSTRUMENT_OF_SLUG[slug]


def family_named(slug: str) -> Family:
    """Find a family by the name in its address."""
    if slug not in FAMILY_OF_SLUG:
        raise not_found(f"General MIDI has no family {slug[:50]!r}. The start page lists all sixteen.")
    return FAMILY_OF_SLUG[slug]


def similar_to(recommender: Recommender, question: Question) -> Similar:
    """Find the song that is asked for, with its neighbours."""
    filename = question.filename()
    answer = recommender.similar_to(filename, beyond=question.beyond(), limit=question.limit())
    if (found := noted(answer)) is None:
        raise not_found("No song of this name has landed. It may be gone since the page before was made.")
    return found
