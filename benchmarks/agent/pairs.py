"""Compare two things that were measured in pairs: what disturbs both of a pair alike, disturbs their ratio little."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self

from scipy.stats import wilcoxon


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedRatio:
    """The ratios of the pairs, in the order in which they were measured.

    `p_value` is that of Wilcoxon's signed-rank test (1945), two-sided: how often chance alone would order the
    differences as clearly, were there none. Below 6 pairs it cannot fall under 5 %.
    """

    ratios: tuple[float, ...]
    p_value: float

    @classmethod
    def of(cls, ours: Sequence[float], theirs: Sequence[float]) -> Self:
        """Pair what was measured at the same place of both."""
        differences = [one - other for one, other in zip(ours, theirs, strict=True)]
        return cls(
            ratios=tuple(one / other for one, other in zip(ours, theirs, strict=True)),
            p_value=float(wilcoxon(differences).pvalue) if any(differences) else 1.0,
        )

    @property
    def middle(self) -> float:
        """The median ratio."""
        return median(self.ratios)

    def __str__(self) -> str:
        """Show the median, and half the distance from the lowest to the highest."""
        return f"{self.middle:.3f}x ±{(max(self.ratios) - min(self.ratios)) / 2:.3f}"

    def told(self) -> str:
        """Spell the ratios out, and how much they say."""
        ratios = " ".join(f"{ratio:.3f}" for ratio in self.ratios)
        return f"{len(self.ratios)} pairs: {ratios}; Wilcoxon p = {self.p_value:.2f}"
