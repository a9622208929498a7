"""The operators and functions that filters may use, as data; nothing else gets through."""

from typing import Final

COMPARISONS: Final = ("=", "<>", "<", ">", "<=", ">=")
LOGIC: Final = ("and", "or", "not")
ARITHMETIC: Final = ("+", "-", "*", "/", "%", "div", "^")
FOLDINGS: Final = ("casei", "accenti")
SPATIAL: Final = (
    "s_contains",
    "s_crosses",
    "s_disjoint",
    "s_equals",
    "s_intersects",
    "s_overlaps",
    "s_touches",
    "s_within",
)
ALSO_INSTANTS: Final = ("t_after", "t_before", "t_disjoint", "t_equals", "t_intersects")
WITH_INTERVALS: Final = ("t_contains", "t_during")
"""Of two intervals; here an instant may stand for the inner one, as OWL-Time's `inside` has it."""
INTERVALS_ONLY: Final = (
    "t_finishedBy",
    "t_finishes",
    "t_meets",
    "t_metBy",
    "t_overlappedBy",
    "t_overlaps",
    "t_startedBy",
    "t_starts",
)
TEMPORAL: Final = (*ALSO_INSTANTS, *WITH_INTERVALS, *INTERVALS_ONLY)
FUNCTIONS: Final = tuple(sorted((*FOLDINGS, *SPATIAL, *TEMPORAL)))
"""What stands before parentheses in text."""
SPELLED: Final = {
    name.lower(): name
    for name in (*COMPARISONS, *LOGIC, *ARITHMETIC, "like", "between", "in", "isNull", *FUNCTIONS)
}
"""Every operator by its name in small letters."""
GEOMETRY: Final = "geometry"
"""The name of the only spatial property."""
