"""Boards standing at a site."""
