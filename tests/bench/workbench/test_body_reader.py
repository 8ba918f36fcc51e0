"""The digest of a long body tells contents apart, not the pieces in which they arrive."""

import random

import pytest

from bench.workbench.outcomes import MAX_TEXT_BYTES, Outcome
from bench.workbench.upstream import BodyReader

pytestmark = pytest.mark.unit

ROWS = b"".join(b"%020x,Ann,%d\r\n" % (number, number % 7) for number in range(60_000))
CODE = b"\0" + b"0123456789abcdef0123" + b"\0"
ONE_LINE = random.Random(7).randbytes(2 * MAX_TEXT_BYTES - 22).replace(b"\n", b"x") + CODE


def digest(body, size):
    """Return the digest of a body that arrives in pieces of a size, and the bytes kept."""
    outcome = Outcome(200)
    reader = BodyReader(outcome)
    for start in range(0, len(body), size):
        reader.feed(body[start : start + size])
    reader.finish()
    assert outcome.body_bytes == len(body)
    assert outcome.body == body[:MAX_TEXT_BYTES]
    return outcome.digest


@pytest.mark.parametrize("body", [ROWS, ONE_LINE], ids=["lines", "one line"])
def test_the_pieces_of_a_body_do_not_change_its_digest(body):
    assert len({digest(body, size) for size in (8192, 65536, 70_001, len(body))}) == 1


def test_codes_do_not_change_the_digest_and_other_content_does():
    usual = digest(ROWS, 65536)
    assert digest(ROWS.replace(b"%020x" % 59_999, b"f" * 20), 65536) == usual
    assert digest(ROWS[:-3] + b"9\r\n", 65536) != usual
    assert digest(ROWS.replace(b"\r\n", b"\n\n", 1), 65536) != usual
