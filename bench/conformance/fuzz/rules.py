"""Register the rules of the grammar: each corrupts one part of a draft at random."""

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple, TypeVar

from bench.conformance.fuzz.drafts import Draft

Change = Callable[[Random, Draft], None]
Item = TypeVar("Item")


class Rule(NamedTuple):
    """One way to corrupt a draft."""

    name: str
    change: Change
    applies: Callable[[Draft], bool]


RULES: list[Rule] = []
# Texts for different parts of a request: a form, a query, a path, JSON.
HOSTILE_TEXTS: tuple[bytes, ...] = (
    *(b"", b" ", b"\x00", b"100%", b"x;y", b"a&b=c", b"a+b", b"\xe9", b"\xc3\xa9", b"\xff\xfe"),
    *(b"\"'></title><script>alert(1)</script>", b"{{7*7}}", b"${7*7}", b"<%= 7*7 %>", b"%zz"),
    *(b"=1+1", b"..", b"../../etc/passwd", b"\r\nX-Injected: 1", b"\xf0\x9f\x8d\xb2", b"null"),
    *("\u0661\u0662".encode(), "\u202e".encode(), "\ufeff1".encode(), b"\xed\xa0\x80", b"\x7f"),
    *(b"1_0", b"+1", b"-1", b"0", b"00", b"1.0", b"1e3", b"NaN", b"0x1", b"9" * 30, b" 1", b"1 "),
    *(b"{{fill 5000 a}}", b"{{fill 300 9}}", b"'; DROP TABLE dishes; --", b"True", b"[]", b"{}"),
)


def rule(
    weight: int = 1, applies: Callable[[Draft], bool] = lambda draft: True
) -> Callable[[Change], Change]:
    """Return a decorator that registers a rule; a rule of weight 2 is chosen twice as often."""

    def register(change: Change) -> Change:
        name = change.__name__.replace("_", " ")
        RULES.extend([Rule(name, change, applies)] * weight)
        return change

    return register


def choose_item(random: Random, items: Sequence[Item]) -> Item:
    """Return a random item."""
    return items[random.randrange(len(items))]


def insert_piece(random: Random, text: bytes, piece: bytes) -> bytes:
    """Return a text with a piece inserted at a random place."""
    place = random.randint(0, len(text))
    return text[:place] + piece + text[place:]
