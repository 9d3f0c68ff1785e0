"""The pages. They are written by the server alone: no script runs in the browser."""

from flask import Blueprint, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from include.webapp.answers import family_named, instrument_named, noted, similar_to
from include.webapp.general_midi import FAMILIES, family_of
from include.webapp.model import Page, Song
from include.webapp.questions import Question
from include.webapp.recommender import Recommender


def routes(recommender: Recommender) -> Blueprint:
    """Give the pages."""
    pages = Blueprint("pages", __name__)

    @pages.context_processor
    def freshness() -> dict[str, object]:
        return {"stale_since": g.get("stale_since"), "away": recommender.watch.seen().away_since is not None}

    @pages.get("/")
    def home() -> ResponseReturnValue:
        known = noted(recommender.catalogue())
        return render_template("home.html", families=FAMILIES, catalogue=known)

    @pages.get("/instrument/<slug>")
    def instrument(slug: str) -> ResponseReturnValue:
        question, named = Question.asked(), instrument_named(slug)
        page = noted(recommender.songs_with((named.program,), after=question.after(), limit=question.limit()))
        following = _next(page, "pages.instrument", slug=slug)
        return render_template("songs.html", heading=named.name, family=family_of(named), page=page, next=following)

    @pages.get("/family/<slug>")
    def family(slug: str) -> ResponseReturnValue:
        question, named = Question.asked(), family_named(slug)
        page = noted(recommender.songs_with(named.programs, after=question.after(), limit=question.limit()))
        following = _next(page, "pages.family", slug=slug)
        return render_template("songs.html", heading=named.name, members=named.instruments, page=page, next=following)

    @pages.get("/search")
    def search() -> ResponseReturnValue:
        question = Question.asked()
        asked = question.given.get("q", "").strip()
        if not asked:
            return redirect(url_for("pages.home"))
        page = noted(recommender.find(question.words(), after=question.after(), limit=question.limit()))
        following = _next(page, "pages.search", q=asked)
        return render_template("songs.html", heading=f"“{asked}”", asked=asked, page=page, next=following)

    @pages.get("/song")
    def song() -> ResponseReturnValue:
        question = Question.asked()
        found = similar_to(recommender, question)
        following = None
        if found.neighbours.more:
            last, filename = found.neighbours.items[-1], found.song.filename
            following = url_for("pages.song", filename=filename, score=last.score, after=last.song.filename)
        first = question.beyond() is None
        return render_template("song.html", song=found.song, page=found.neighbours, first=first, next=following)

    return pages


def _next(page: Page[Song], endpoint: str, **parameters: str) -> str | None:
    return url_for(endpoint, **parameters, after=page.items[-1].filename) if page.more else None  # type: ignore[arg-type]  # its own options are typed, what follows is free
