"""Hash and verify passwords with scrypt, in all apps at the same cost."""

import hmac
import secrets
from hashlib import scrypt

_COST, _BLOCK_SIZE, _PARALLELISM = 2**14, 8, 1  # 16 MiB and about 50 ms per hash

# Verified for an unknown username, so that it takes the same work. No known password has it.
DUMMY_HASH = f"scrypt${_COST}${_BLOCK_SIZE}${_PARALLELISM}${'00' * 16}${'00' * 32}"


def hash_password(password: str, salt: bytes | None = None, cost: int = _COST) -> str:
    """Return the hash of a password, with its parameters and its salt (random by default).

    cost is scrypt's parameter N, a power of two. Time and memory are proportional to it.
    """
    salt = salt or secrets.token_bytes(16)
    key = _derive_key(password, salt, cost, _BLOCK_SIZE, _PARALLELISM)
    return f"scrypt${cost}${_BLOCK_SIZE}${_PARALLELISM}${salt.hex()}${key.hex()}"


def verify_password(password: str, password_hash: str) -> bool:
    """Return whether a password has a hash that `hash_password` returned."""
    _, cost, block, lanes, salt, key = password_hash.split("$")
    guess = _derive_key(password, bytes.fromhex(salt), int(cost), int(block), int(lanes))
    return hmac.compare_digest(guess, bytes.fromhex(key))


def _derive_key(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    # surrogatepass: a form may contain invalid text. It is a wrong password, not an error.
    secret = password.encode("utf-8", "surrogatepass")
    return scrypt(secret, salt=salt, n=cost, r=block, p=lanes, maxmem=64 * 2**20, dklen=32)
