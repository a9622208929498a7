"""Files of everything that matches: CSV, sequences, GeoPackages with their styles."""
