"""Opening what a phone sealed, with the key that the ward keeps for its owner.

A phone seals records and photos to a person's public key (ECDH P-256, HKDF-SHA256, AES-256-GCM). The private half
leaves the phone only wrapped by the person's unlock key, and each record carries a code (HMAC-SHA256) that only a phone
on which this person signed in can make: whoever holds the file knows the public key, and could seal to it as well.
`app/static/phone/vault.js` does the same the other way round, byte for byte.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

KEY_BYTES: Final = 32
SEAL: Final = b"taluy-seal-1"


class Unopened(Exception):
    """The bytes are not what was sealed: another key, another name, or changed on the way."""


@dataclass(frozen=True)
class Sealed:
    """Bytes sealed to a public key: the public half of a key used once (65 bytes), 12 random bytes, the rest."""

    epk: bytes
    iv: bytes
    data: bytes


@dataclass(frozen=True)
class Vault:
    """What opens a person's things."""

    private: EllipticCurvePrivateKey
    public: bytes
    voucher: bytes

    def open(self, sealed: Sealed, about: str) -> bytes:
        """What was sealed under the name `about`. Raises `Unopened`."""
        from cryptography.hazmat.primitives.asymmetric import ec

        try:
            once = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sealed.epk)
        except ValueError:
            raise Unopened from None
        secret = self.private.exchange(ec.ECDH(), once)
        return _decrypted(
            derived(secret, SEAL + sealed.epk + self.public), sealed.iv, sealed.data, about.encode()
        )

    def vouches(self, sealed: Sealed, about: str, mac: bytes) -> bool:
        """Whether a phone of this person sealed it: `mac` is made with a key that only such phones have."""
        said = about.encode() + sealed.epk + sealed.iv + sealed.data
        return hmac.compare_digest(hmac.digest(self.voucher, said, sha256), mac)


def vault(unlock_key: bytes, person_id: int, public: bytes, iv: bytes, wrapped: bytes) -> Vault:
    """A person's key pair, its private half unwrapped. Raises `Unopened`, also where the halves are no pair."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ec

    packed = _decrypted(unlock_key, iv, wrapped, f"taluy-vault-1:{person_id}".encode())
    try:
        private = form.load_der_private_key(packed, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Unopened from None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise Unopened
    own = private.public_key().public_bytes(form.Encoding.X962, form.PublicFormat.UncompressedPoint)
    if own != public:
        raise Unopened
    return Vault(private, public, derived(unlock_key, f"taluy-voucher-1:{person_id}".encode()))


def derived(secret: bytes, info: bytes) -> bytes:
    """A key of 32 bytes by HKDF-SHA256, without salt."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)


def _decrypted(key: bytes, iv: bytes, data: bytes, about: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(iv, data, about)
    except InvalidTag:
        raise Unopened from None
