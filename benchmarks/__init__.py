"""Ratios against the original pipeline and against libraries, all measured in one run: `python -m benchmarks`."""
