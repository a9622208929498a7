"""Reproducible measurements; results are printed, not committed."""
