"""What leaves the log for everybody: hashes and signatures, nothing else."""

from typing import Literal

from pydantic import BaseModel, Field


class Head(BaseModel):
    """What is signed, as RFC 8785 JSON."""

    entry_hash: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the last entry's header")
    key: str = Field(pattern=r"^[0-9a-f]{64}$", description="Fingerprint: SHA-256 of the raw public key")
    log: Literal["taluy"]
    seq: int = Field(ge=1, description="Number of the last entry; the log has that many")
    signed_at: str
    v: Literal[1]


class Checkpoint(BaseModel):
    """A signed checkpoint: keep one, and nobody can rewrite what was logged before it unseen."""

    checkpoint: Head
    public_key: str = Field(pattern=r"^[0-9a-f]{64}$", description="Ed25519, raw")
    signature: str = Field(
        pattern=r"^[0-9a-f]{128}$", description="Ed25519 over the RFC 8785 form of `checkpoint`"
    )
