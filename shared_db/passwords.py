"""Passwords: one scrypt hash, shared by every app, so that signing in costs them the same."""

import hmac
import secrets
from hashlib import scrypt

_COST, _BLOCK, _LANES = 2**14, 8, 1  # 16 MiB and some 50 ms a guess

# The same work for a name nobody has. No password is known to give it.
NOBODYS_HASH = f"scrypt${_COST}${_BLOCK}${_LANES}${'00' * 16}${'00' * 32}"


def hashed(password: str, salt: bytes | None = None, cost: int = _COST) -> str:
    """Return a password's hash, with what it takes to check it; the salt is random by default.

    cost is scrypt's N, a power of two: twice of it takes twice the time and memory.
    """
    salt = salt or secrets.token_bytes(16)
    key = _key(password, salt, cost, _BLOCK, _LANES)
    return f"scrypt${cost}${_BLOCK}${_LANES}${salt.hex()}${key.hex()}"


def is_right(password: str, password_hash: str) -> bool:
    """Tell whether a password is the one that was hashed."""
    _, cost, block, lanes, salt, key = password_hash.split("$")
    guess = _key(password, bytes.fromhex(salt), int(cost), int(block), int(lanes))
    return hmac.compare_digest(guess, bytes.fromhex(key))


def _key(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    # surrogatepass: what a form holds may be no text; it is a wrong password then, no error.
    secret = password.encode("utf-8", "surrogatepass")
    return scrypt(secret, salt=salt, n=cost, r=block, p=lanes, maxmem=64 * 2**20, dklen=32)
