"""The door for GIS tools: OGC API - Features."""
