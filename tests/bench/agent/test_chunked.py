"""The chunked transfer coding: content, errors and the end."""

import pytest

from bench.agent.chunked import decode_chunks

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("body", "content", "complete"),
    [
        pytest.param(b"3\r\nabc\r\n0\r\n\r\n", b"abc", True, id="one chunk"),
        pytest.param(b"1\r\na\r\nA\r\n0123456789\r\n0\r\n\r\n", b"a0123456789", True, id="two"),
        pytest.param(b"2\r\n\r\n\r\n0\r\n\r\n", b"\r\n", True, id="a line end as content"),
        pytest.param(b'3;a="b"\r\nabc\r\n0\r\n\r\n', b"abc", True, id="an extension"),
        pytest.param(b"3\r\nabc\r\n0\r\nX: y\r\n\r\n", b"abc", True, id="a trailer field"),
        pytest.param(b"0\r\n\r\n", b"", True, id="no content"),
        pytest.param(b"", b"", False, id="nothing"),
        pytest.param(b"3\r\nabc\r\n", b"abc", False, id="no last chunk"),
        pytest.param(b"3\r\nabc\r\n0\r\n", b"abc", False, id="no last line"),
        pytest.param(b"3\r\nab", b"ab", False, id="half a chunk"),
        pytest.param(b"2\r\nabc\r\n0\r\n\r\n", b"ab", False, id="a chunk that is too long"),
        pytest.param(b"3\r\nabc\r\nsoup\r\n", b"abc", False, id="a size that is no number"),
        pytest.param(b"-1\r\na\r\n0\r\n\r\n", b"", False, id="a negative size"),
        pytest.param(b"3\nabc\n0\n\n", b"", False, id="lines that end with a line feed only"),
    ],
)
def test_the_content_ends_at_the_first_error(body, content, complete):
    assert decode_chunks(body) == (content, complete)
