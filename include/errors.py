"""One exception tree for the whole project.

ChaosControlError
├── ConfigurationError      a file, variable or parameter is wrong; the message names it and the fix
│   └── NoEqualError        a part of a foreign experiment has no equal here
├── LabError                a lab component could not be started, reached or stopped
├── CorpusError             a corpus could not be generated, loaded or read
│   └── ContradictionError  the object store gives something else than it lists
├── ExtractionError         two readings of one song disagree
├── LandingError            rows could not be staged or published
│   └── SupersededError     a newer try of the same stage holds the fence
├── JournalError            a journal is unreadable, or has a gap
├── AgentError              the agent refused or could not be reached
│   ├── LeaseError          an injection was asked for without a live lease
│   └── GuardrailError      a rule of the site or a halt forbids it
└── PlatformError           a target could not be resolved or acted upon
"""


class ChaosControlError(Exception):
    """Anything this project raises on purpose; the message says what to do."""


class ConfigurationError(ChaosControlError):
    """A file, an environment variable or a parameter is wrong."""


class LabError(ChaosControlError):
    """A lab component could not be started, reached or stopped."""


class CorpusError(ChaosControlError):
    """A corpus could not be generated or loaded."""


class ContradictionError(CorpusError):
    """The object store gives something else than it lists; it may do better when it is asked again."""


class ExtractionError(ChaosControlError):
    """The scanner and pretty_midi read one song differently."""


class LandingError(ChaosControlError):
    """Rows could not be staged or published."""


class SupersededError(LandingError):
    """A newer try of the same stage holds the fence; this one may write nothing more."""


class JournalError(ChaosControlError):
    """A journal is unreadable, or has a gap."""


class AgentError(ChaosControlError):
    """The agent refused a request or could not be reached."""


class LeaseError(AgentError):
    """An injection was asked for without a live lease."""


class GuardrailError(AgentError):
    """A rule of the site or a halt forbids what was asked."""


class PlatformError(ChaosControlError):
    """A target could not be resolved or acted upon."""
