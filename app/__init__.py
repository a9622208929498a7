"""Taluy: an open registry of landslide and flood hazard sites."""
