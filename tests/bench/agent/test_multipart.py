"""Multipart forms, as an independent parser reads them."""

from email import message_from_bytes, policy

import pytest

from bench.agent.multipart import build_file_part, encode_form, name_field

pytestmark = pytest.mark.unit


def test_a_parser_of_the_standard_library_reads_the_fields_and_the_file():
    file = build_file_part(b"b-o", "photo", "a.txt", b"\x00\r\n--b", "text/plain")
    body = encode_form(b"b-o", {"author": "Zoë", "empty": ""}, file)
    head = b"Content-Type: multipart/form-data; boundary=b-o\r\n\r\n"
    message = message_from_bytes(head + body, policy=policy.HTTP)
    parts = [
        (part["Content-Disposition"].params, part.get_payload(decode=True))
        for part in message.iter_parts()
    ]
    assert parts == [
        ({"name": "author"}, "Zoë".encode()),
        ({"name": "empty"}, b""),
        ({"name": "photo", "filename": "a.txt"}, b"\x00\r\n--b"),
    ]
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain"] * 3


def test_a_name_is_escaped_as_browsers_do():
    assert name_field('a"b\r\nc\\é') == 'name="a%22b%0D%0Ac\\é"'.encode()
