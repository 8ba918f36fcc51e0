"""What one site's page contains is translated for each other site."""

from urllib.parse import parse_qsl

import pytest

from bench.agent.multipart import build_file_part, encode_form
from bench.conformance.differential.http_client import Reply
from bench.workbench.reply_values import Translator, read_values

# The tests share one workbench, and use it one after another.
pytestmark = pytest.mark.xdist_group("workbench reply values")

CODES = ("0123456789abcdef0123", "fedcba98765432100000")
PHOTOS = ("0" * 31 + "1.png", "0" * 31 + "2.png")
HTML = [("Content-Type", "text/html; charset=utf-8")]
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=edge"


def page(token, key, code, photo):
    """Return a page with a form that orders and a form that uploads."""
    text = f"""<a href="/orders/{code}">yours</a> <img src="/photos/{photo}">
    <form method="post" action="/orders">{token}
    <input type="hidden" name="idempotency_key" value="{key}"></form>
    <form method=post action="/kitchen/dishes/1/photo">{token}</form>"""
    return read_values(Reply(200, [*HTML, ("ETag", f'"{key}"')], text.encode()))


@pytest.fixture
def translator():
    translator = Translator()
    stage = page('<input type=hidden name="csrf" value="mine">', "key1", CODES[0], PHOTOS[0])
    fields = '<input type="hidden" name="_key" value="its"><input type=hidden name=_form value=f>'
    own = page(fields, "key2", CODES[1], PHOTOS[1])
    translator.learn("/cart", stage, own)
    return translator


def test_codes_and_photos_are_translated_in_addresses(translator):
    assert translator.translate_text(f"/orders/{CODES[0]}?a=b") == f"/orders/{CODES[1]}?a=b"
    assert translator.translate_text(f"/photos/{PHOTOS[0]}") == f"/photos/{PHOTOS[1]}"
    assert translator.translate_text("/orders/aaaaaaaaaaaaaaaaaaaa") == "/orders/" + "a" * 20


def test_a_form_gets_the_tokens_and_the_key_of_the_site(translator):
    body = translator.translate_body("/orders", FORM, b"csrf=mine&idempotency_key=key1&guest=J")
    assert parse_qsl(body.decode()) == [
        ("_key", "its"), ("_form", "f"), ("idempotency_key", "key2"), ("guest", "J"),
    ]  # fmt: skip


def test_a_token_of_another_form_is_translated_too(translator):
    """A page of a dish that is sold out has no form for the cart, but a token for all forms."""
    body = translator.translate_body("/cart", FORM, b"csrf=mine&dish_id=12")
    assert parse_qsl(body.decode()) == [("_key", "its"), ("_form", "f"), ("dish_id", "12")]


def test_an_unknown_token_and_an_equal_text_in_another_field_stay_as_they_are(translator):
    for body in (b"csrf=unknown&a=+", b"guest=mine&a=%20"):
        assert translator.translate_body("/orders", FORM, body) == body


def test_an_upload_gets_the_tokens_and_keeps_its_file(translator):
    photo = bytes(range(256)) * 20
    file = build_file_part(b"edge", "photo", "p.png", photo)
    body = encode_form(b"edge", {"csrf": "mine", "note": "a"}, file)
    translated = translator.translate_body("/kitchen/dishes/1/photo", MULTIPART, body)
    expected = encode_form(b"edge", {"_key": "its", "_form": "f", "note": "a"}, file)
    assert translated == expected


def test_a_condition_has_the_validators_of_the_site(translator):
    headers = [("if-none-match", '"key1"'), ("if-modified-since", "x"), ("accept", "*/*")]
    assert translator.translate_headers("/cart", headers) == [
        ("accept", "*/*"), ("if-none-match", '"key2"'),
    ]  # fmt: skip
    stage, own = page("", "key1", CODES[0], PHOTOS[0]), read_values(Reply(304, [], b""))
    translator.learn("/cart", stage, own)  # not modified, and without a validator
    assert ("if-none-match", '"key2"') in translator.translate_headers("/cart", headers)
    assert ("if-none-match", '"key1"') in translator.translate_headers("/other", headers)
