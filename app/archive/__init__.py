"""One file that holds everything: the database at one moment and the photos; keys apart."""
