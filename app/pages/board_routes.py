"""Editing by the board."""

from fastapi import APIRouter

router = APIRouter()
