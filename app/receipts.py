"""Receipts that the ward signs for what it keeps: the key is loaded with the first one, and once a process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request

from app.keys import signing_key
from app.log.checkpoint import signed_receipt

Sign = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Gives a receipt's members with `key`, `signature` and `v`, in alphabetical order."""


@cache
def signer(data_dir: Path) -> Sign:
    """What signs the receipts of an installation. Signing raises `ValueError` for a broken key file."""
    return lambda said: signed_receipt(signing_key(data_dir), said)


async def _signer_of(request: Request) -> Sign:
    return signer(request.app.state.settings.data_dir)


Signing = Annotated[Sign, Depends(_signer_of)]
