"""Administrative units with their validity."""
