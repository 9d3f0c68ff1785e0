"""The names of General MIDI."""

import re

import pretty_midi

from include.webapp.general_midi import FAMILIES, INSTRUMENTS, family_of

_SPELT_OTHERWISE = {"clavinet": "clavi", "synthchoir": "synthvoice"}


def test_instruments_have_the_names_that_pretty_midi_gives_them() -> None:
    """In the same order; two are spelt as the standard spells them."""
    theirs = [_plain(name) for name in pretty_midi.INSTRUMENT_MAP]
    assert [_plain(it.name) for it in INSTRUMENTS] == [_SPELT_OTHERWISE.get(name, name) for name in theirs]
    assert [family.name for family in FAMILIES] == list(pretty_midi.INSTRUMENT_CLASSES)


def test_every_program_has_one_place() -> None:
    """128 of them, numbered in order, eight to a family, each with an address of its own."""
    assert [it.program for it in INSTRUMENTS] == list(range(128))
    assert all(family_of(it) is family for family in FAMILIES for it in family.instruments)
    assert all(len(family.programs) == 8 for family in FAMILIES)
    assert len({it.slug for it in INSTRUMENTS} | {family.slug for family in FAMILIES}) == 128 + 16


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())
