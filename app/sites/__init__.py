"""A place that may slide, flood or drown someone."""
