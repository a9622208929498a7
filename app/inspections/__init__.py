"""What one person saw at one place at one time, with photos."""
