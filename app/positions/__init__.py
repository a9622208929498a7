"""Where a place really is: proposed by an officer on the spot, decided by the board."""
