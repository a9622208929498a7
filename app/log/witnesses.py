"""What a log is held against: checkpoints and receipts that were kept elsewhere, and the keys that are known."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from app.i18n import N_
from app.log.checkpoint import fingerprint, is_checkpoint, is_receipt, is_receipt_signed


class Broken(Exception):
    """The first thing that is wrong: a message id, the entry, and the line of the file where there is one."""

    def __init__(self, reason: str, *, seq: int | None = None, **values: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.seq = seq
        self.line: int | None = None
        self.values = values


@dataclass(frozen=True)
class Outside:
    """What the log is held against: checkpoints and receipts by the names of their files, fingerprints of keys."""

    checkpoints: Mapping[str, Any] = field(default_factory=dict)
    receipts: Mapping[str, Any] = field(default_factory=dict)
    keys: Collection[str] = ()


def outside(
    checkpoints: Collection[Path] = (), receipts: Collection[Path] = (), keys: Collection[str] = ()
) -> Outside:
    """Read what the log is to be held against. Raises `Broken` for a file that is none of these."""
    found = _by_name(checkpoints)
    for name, value in found.items():
        if not is_checkpoint(value):
            raise Broken(N_("{name} is no checkpoint, or its signature is wrong"), name=name)
    said = _by_name(receipts)
    for name, value in said.items():
        if not is_receipt(value):
            raise Broken(N_("{name} is no receipt"), name=name)
    return Outside(found, said, [key.replace(" ", "").lower() for key in keys])


def _by_name(paths: Collection[Path]) -> Mapping[str, Any]:
    """What the files hold, by name; by the whole path where two have one name, or one would hide the other."""
    names = Counter(path.name for path in paths)
    return {str(path) if names[path.name] > 1 else path.name: _json(path) for path in paths}


def _json(path: Path) -> Any:
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return None


def check_keys(public: str, held: Outside) -> None:
    """Raise `Broken` where the log, whose key is `public`, a checkpoint or a receipt is signed by a key not known.

    A receipt is checked against the key of the log or of a checkpoint; who checks it after the key was changed names a
    checkpoint of the earlier one.
    """
    key = fingerprint(public)
    known = held.keys or [key]
    if key not in known:
        raise Broken(N_("it is signed by another key: {key}"), key=key)
    publics = {key: public}
    for name, value in held.checkpoints.items():
        said = value["checkpoint"]["key"]
        if said not in known:
            raise Broken(N_("the checkpoint {name} is signed by another key: {key}"), name=name, key=said)
        publics[said] = value["public_key"]
    for name, value in held.receipts.items():
        _check_receipt(name, value, publics)


def _check_receipt(name: str, receipt: Mapping[str, Any], publics: Mapping[str, str]) -> None:
    key = receipt.get("key")
    if key is None:  # from before receipts were signed: the log alone speaks for it
        return
    if key not in publics:
        raise Broken(N_("the receipt {name} is signed by another key: {key}"), name=name, key=key)
    if not is_receipt_signed(receipt, publics[key]):
        raise Broken(N_("the signature of the receipt {name} is wrong"), name=name)
