"""The same answers as JSON. `next` is the address of the next page; `stale_since` is null while the answer holds."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, g, url_for

from include.webapp.answers import family_named, instrument_named, noted, similar_to
from include.webapp.general_midi import FAMILIES, Instrument
from include.webapp.model import Neighbour, Page, Song
from include.webapp.questions import Question
from include.webapp.recommender import Recommender
from include.webapp.refusals import wrong

Json = dict[str, Any]  # what a field holds is the route's business


def routes(recommender: Recommender) -> Blueprint:
    """Give the routes below /api."""
    api = Blueprint("api", __name__, url_prefix="/api")

    @api.get("/instruments")
    def instruments() -> Json:
        known = noted(recommender.catalogue())
        counts = known.songs_with if known else None
        families = [
            {
                "name": family.name,
                "slug": family.slug,
                "songs": counts and counts[family.slug],
                "instruments": [_instrument(it) | {"songs": counts and counts[it.slug]} for it in family.instruments],
            }
            for family in FAMILIES
        ]
        return _told({"songs": None if known is None else len(known), "families": families})

    @api.get("/songs")
    def songs() -> Json:
        question = Question.asked()
        named = {"instrument", "family"} & question.given.keys()
        if len(named) != 1:
            raise wrong("Expected either `instrument` or `family`, by the `slug` that /api/instruments gives.")
        [kind] = named
        slug, limit = question.given[kind], question.limit()
        programs = (instrument_named(slug).program,) if kind == "instrument" else family_named(slug).programs
        page = noted(recommender.songs_with(programs, after=question.after(), limit=limit))
        return _told({"songs": _songs(page.items), "next": _next("api.songs", page, limit=limit, **{kind: slug})})

    @api.get("/search")
    def search() -> Json:
        question = Question.asked()
        words, limit = question.words(), question.limit()
        page = noted(recommender.find(words, after=question.after(), limit=limit))
        return _told({"songs": _songs(page.items), "next": _next("api.search", page, limit=limit, q=" ".join(words))})

    @api.get("/song")
    def song() -> Json:
        found = similar_to(recommender, Question.asked())
        return _told({"song": _song(found.song)})

    @api.get("/similar")
    def similar() -> Json:
        question = Question.asked()
        found = similar_to(recommender, question)
        neighbours = found.neighbours
        following = None
        if neighbours.more:
            last = neighbours.items[-1]
            following = url_for(
                "api.similar",
                filename=found.song.filename,
                score=last.score,
                after=last.song.filename,
                limit=question.limit(),
            )
        near = [_neighbour(it) for it in neighbours.items]
        return _told({"song": _song(found.song), "similar": near, "next": following})

    return api


def _told(answer: Json) -> Json:
    stale_since = g.get("stale_since")
    return answer | {"stale_since": stale_since and stale_since.isoformat(timespec="seconds")}


def _next(endpoint: str, page: Page[Song], **parameters: str | int) -> str | None:
    return url_for(endpoint, **parameters, after=page.items[-1].filename) if page.more else None  # type: ignore[arg-type]  # its own options are typed, what follows is free


def _songs(songs: Iterable[Song]) -> list[Json]:
    return [_song(song) for song in songs]


def _song(song: Song) -> Json:
    return {
        "filename": song.filename,
        "title": song.title,
        "known_path": song.known_path,
        "instruments": [_instrument(instrument) for instrument in song.instruments],
    }


def _neighbour(neighbour: Neighbour) -> Json:
    shared = [_instrument(instrument) for instrument in neighbour.shared]
    return _song(neighbour.song) | {"score": neighbour.score, "shared": shared}


def _instrument(instrument: Instrument) -> Json:
    return {"program": instrument.program, "name": instrument.name, "slug": instrument.slug}
