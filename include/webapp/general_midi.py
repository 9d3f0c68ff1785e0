"""General MIDI's instruments by name: program 0..127, sixteen families of eight.

Names are those of the General MIDI System Level 1 sound set (MIDI Manufacturers Association, 1991). Only a listener
needs them: everything else in the project, the warehouse included, knows programs by number.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_FAMILY_SIZE = 8

_SOUND_SET = """
Piano: Acoustic Grand Piano, Bright Acoustic Piano, Electric Grand Piano, Honky-tonk Piano, Electric Piano 1, \
Electric Piano 2, Harpsichord, Clavi
Chromatic Percussion: Celesta, Glockenspiel, Music Box, Vibraphone, Marimba, Xylophone, Tubular Bells, Dulcimer
Organ: Drawbar Organ, Percussive Organ, Rock Organ, Church Organ, Reed Organ, Accordion, Harmonica, Tango Accordion
Guitar: Acoustic Guitar (nylon), Acoustic Guitar (steel), Electric Guitar (jazz), Electric Guitar (clean), \
Electric Guitar (muted), Overdriven Guitar, Distortion Guitar, Guitar Harmonics
Bass: Acoustic Bass, Electric Bass (finger), Electric Bass (pick), Fretless Bass, Slap Bass 1, Slap Bass 2, \
Synth Bass 1, Synth Bass 2
Strings: Violin, Viola, Cello, Contrabass, Tremolo Strings, Pizzicato Strings, Orchestral Harp, Timpani
Ensemble: String Ensemble 1, String Ensemble 2, Synth Strings 1, Synth Strings 2, Choir Aahs, Voice Oohs, \
Synth Voice, Orchestra Hit
Brass: Trumpet, Trombone, Tuba, Muted Trumpet, French Horn, Brass Section, Synth Brass 1, Synth Brass 2
Reed: Soprano Sax, Alto Sax, Tenor Sax, Baritone Sax, Oboe, English Horn, Bassoon, Clarinet
Pipe: Piccolo, Flute, Recorder, Pan Flute, Blown Bottle, Shakuhachi, Whistle, Ocarina
Synth Lead: Lead 1 (square), Lead 2 (sawtooth), Lead 3 (calliope), Lead 4 (chiff), Lead 5 (charang), Lead 6 (voice), \
Lead 7 (fifths), Lead 8 (bass + lead)
Synth Pad: Pad 1 (new age), Pad 2 (warm), Pad 3 (polysynth), Pad 4 (choir), Pad 5 (bowed), Pad 6 (metallic), \
Pad 7 (halo), Pad 8 (sweep)
Synth Effects: FX 1 (rain), FX 2 (soundtrack), FX 3 (crystal), FX 4 (atmosphere), FX 5 (brightness), \
FX 6 (goblins), FX 7 (echoes), FX 8 (sci-fi)
Ethnic: Sitar, Banjo, Shamisen, Koto, Kalimba, Bagpipe, Fiddle, Shanai
Percussive: Tinkle Bell, Agogo, Steel Drums, Woodblock, Taiko Drum, Melodic Tom, Synth Drum, Reverse Cymbal
Sound Effects: Guitar Fret Noise, Breath Noise, Seashore, Bird Tweet, Telephone Ring, Helicopter, Applause, Gunshot
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One program; `slug` names it in addresses."""

    program: int
    name: str
    slug: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Eight instruments in a row."""

    name: str
    slug: str
    instruments: tuple[Instrument, ...]

    @property
    def programs(self) -> tuple[int, ...]:
        """Give the numbers of its instruments."""
        return tuple(instrument.program for instrument in self.instruments)


def _slug(name: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))


def _families() -> Iterator[Family]:
    for number, line in enumerate(_SOUND_SET.strip().splitlines()):
        family, _, names = line.partition(": ")
        instruments = tuple(
            Instrument(program=program, name=name, slug=_slug(name))
            for program, name in enumerate(names.split(", "), start=number * _FAMILY_SIZE)
        )
        yield Family(name=family, slug=_slug(family), instruments=instruments)


FAMILIES = tuple(_families())
INSTRUMENTS = tuple(instrument for family in FAMILIES for instrument in family.instruments)
INSTRUMENT_OF_SLUG = {instrument.slug: instrument for instrument in INSTRUMENTS}
FAMILY_OF_SLUG = {family.slug: family for family in FAMILIES}


def are_programs(numbers: Iterable[int]) -> bool:
    """Tell whether all are numbers of instruments."""
    return all(0 <= number < len(INSTRUMENTS) for number in numbers)


def family_of(instrument: Instrument) -> Family:
    """Give the family of an instrument."""
    return FAMILIES[instrument.program // _FAMILY_SIZE]
