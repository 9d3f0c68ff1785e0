"""The catalogue of fault kinds: a new kind is one line here."""

from include.chaos.faults.kill import Kill

Fault = Kill
