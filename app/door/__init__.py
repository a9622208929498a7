"""What every request passes before it reaches a route, and what every answer carries."""
