"""CQL2 filters (OGC 21-065r2): text or JSON to a tree, the tree checked, then SQL with bound values."""
