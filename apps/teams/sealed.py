"""Secrets at rest: what the database holds of a token or a webhook's secret cannot be read without the key."""

from __future__ import annotations

import base64
import functools

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class CannotUnseal(Exception):  # noqa: N818 - it names what happened
    """The keys of this deployment are not those that the secret was sealed with."""


def seal(secret: str) -> str:
    return _box(tuple(settings.FIELD_KEYS), settings.SECRET_KEY).encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises `CannotUnseal`."""
    try:
        return _box(tuple(settings.FIELD_KEYS), settings.SECRET_KEY).decrypt(sealed.encode()).decode()
    except InvalidToken as problem:
        raise CannotUnseal("The keys of this deployment do not open the stored secret; set it anew.") from problem


def reseal(sealed: str) -> str:
    """The same secret under the newest key. Raises `CannotUnseal`."""
    return seal(unseal(sealed))


@functools.lru_cache(maxsize=4)
def _box(keys: tuple[str, ...], secret_key: str) -> MultiFernet:
    """Seals with the first of FIELD_KEYS and opens with any of them, or with the key that SECRET_KEY gives."""
    return MultiFernet([_fernet(key) for key in (*keys, secret_key)])


def _fernet(material: str) -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"twelvefold sealed fields").derive(material.encode())
    return Fernet(base64.urlsafe_b64encode(key))
