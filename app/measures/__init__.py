"""What was done against the danger, and works proposed upward."""
