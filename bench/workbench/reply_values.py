"""Read from replies the values that differ from site to site, and translate requests by them.

A page on stage has the stage's own tokens, order codes and names of photos. What the reader then
sends contains these values. Each site has answered the same request as the stage before, so the
values of its reply stand at the same places: the n-th code of one reply means the n-th of another.
"""

import json
import re
from collections import OrderedDict
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from bench.conformance.canonical_dom import PHOTO_NAME, SITE_HIDDEN_FIELDS
from bench.conformance.differential.http_client import Reply
from bench.workbench.form_parts import read_boundary, read_field_name, replace_fields, split_parts

ORDER_CODE = re.compile(r"(?<![0-9a-f])[0-9a-f]{20}(?![0-9a-f])")
LINKED_CODE = re.compile(r"/orders/([0-9a-f]{20})(?![0-9a-f])")
MAX_PAIRS = 20_000  # of values that a site remembers
MAX_TOKEN_BYTES = 1000
KEY_FIELD = "idempotency_key"
ANY_ACTION = ""  # in place of the action of a form
FORM_TYPE, MULTIPART_TYPE = "application/x-www-form-urlencoded", "multipart/form-data"
Fields = list[tuple[str, str]]
Key = TypeVar("Key")
Value = TypeVar("Value")


class Form(msgspec.Struct):
    """A POST form of a page: its action, its token fields, and its idempotency key."""

    action: str
    tokens: Fields = []
    key: str = ""


class ReplyValues(msgspec.Struct):
    """The values of one reply that differ from site to site, in the order of the reply."""

    forms: list[Form] = []
    codes: list[str] = []
    photos: list[str] = []
    etag: str = ""
    modified: str = ""


def parse_forms(page: str) -> list[Form]:
    """Return the POST forms of a page with their hidden fields."""
    return [
        read_form(form)
        for form in LexborHTMLParser(page).css("form")
        if (form.attributes.get("method") or "").lower() == "post"
    ]


def read_form(node: LexborNode) -> Form:
    """Return a form with its token fields and its key."""
    form = Form(urlsplit(node.attributes.get("action") or "").path)
    for field in node.css("input[type=hidden i]"):
        name, text = (field.attributes.get(key) or "" for key in ("name", "value"))
        if name == KEY_FIELD:
            form.key = text
        elif name not in SITE_HIDDEN_FIELDS:
            form.tokens.append((name, text))
    return form


def read_values(reply: Reply) -> ReplyValues:
    """Return the values of a reply that differ from site to site."""
    kind = reply.get_first("content-type").lower()
    values = ReplyValues(etag=reply.get_first("etag"), modified=reply.get_first("last-modified"))
    values.codes = LINKED_CODE.findall(reply.get_first("location"))
    if kind.startswith("text/html") and not 300 <= reply.status < 400:
        page = reply.body.decode("utf-8", "replace")
        values.forms = parse_forms(page)
        values.codes += dict.fromkeys(LINKED_CODE.findall(page))
        values.photos = list(dict.fromkeys(match[0] for match in PHOTO_NAME.finditer(page)))
    elif kind.partition(";")[0].endswith("json"):
        text = reply.body.decode("utf-8", "replace")
        values.photos = list(dict.fromkeys(match[0] for match in PHOTO_NAME.finditer(text)))
        values.codes += read_document_codes(reply.body)
    elif kind.startswith("text/csv"):
        values.codes += ORDER_CODE.findall(reply.body.decode("utf-8", "replace"))
    return values


def read_document_codes(body: bytes) -> list[str]:
    """Return the code of an order from a document of the API."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return []
    code = document.get("code") if isinstance(document, dict) else None
    return [code] if isinstance(code, str) else []


class Bounded(OrderedDict[Key, Value]):
    """A table that forgets its oldest keys."""

    def __setitem__(self, key: Key, value: Value) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > MAX_PAIRS:
            self.popitem(last=False)


class Translator:
    """What the values that a browser has seen mean at one site."""

    def __init__(self) -> None:
        self.words: Bounded[str, str] = Bounded()  # codes, photos and keys, by the value on stage
        # By a token on stage and the action, "" for any: the names of the token fields there, and
        # the fields of this site.
        self.tokens: Bounded[tuple[str, str], tuple[list[str], Fields]] = Bounded()
        self.validators: Bounded[tuple[str, str], tuple[str, str]] = Bounded()

    def learn(self, path: str, stage: ReplyValues, own: ReplyValues) -> None:
        """Store what the values of a reply on stage mean at this site."""
        for name in ("codes", "photos"):
            pairs = zip(getattr(stage, name), getattr(own, name), strict=False)
            # The orders of the seed have one code everywhere; there may be very many of them.
            self.words.update(pair for pair in pairs if pair[0] != pair[1])
        for form, own_form in zip(stage.forms, own.forms, strict=False):
            if form.key and own_form.key:
                self.words[form.key] = own_form.key
            names = [name for name, _ in form.tokens]
            for _, token in form.tokens:
                for action in (form.action, ANY_ACTION):
                    self.tokens[token, action] = (names, own_form.tokens)
        for validator in filter(None, (stage.etag, stage.modified)):
            # A reply without content may lack what the page before it had.
            etag, modified = self.validators.get((path, validator), ("", ""))
            self.validators[path, validator] = (own.etag or etag, own.modified or modified)

    def translate_text(self, text: str) -> str:
        """Return a text with this site's codes and names of photos."""
        for pattern in (ORDER_CODE, PHOTO_NAME):
            text = pattern.sub(lambda match: self.words.get(match[0], match[0]), text)
        return text

    def translate_headers(self, path: str, headers: Fields) -> Fields:
        """Return headers with this site's values; conditions have its own validators."""
        sent = {name.lower(): text for name, text in headers}
        conditions = ("if-none-match", "if-modified-since")
        others = [
            (name, self.translate_text(text))
            for name, text in headers
            if name.lower() not in conditions
        ]
        validators = (sent.get(name, "") for name in conditions)
        known = (self.validators.get((path, validator)) for validator in validators)
        pair = next(filter(None, known), None)
        if pair is None:
            return others + [(name, sent[name]) for name in conditions if name in sent]
        return others + [(name, text) for name, text in zip(conditions, pair, strict=True) if text]

    def translate_body(self, path: str, content_type: str, body: bytes) -> bytes:
        """Return a body with this site's tokens, keys and codes; other bodies stay as they are."""
        kind = content_type.partition(";")[0].strip().lower()
        if kind == FORM_TYPE:
            return self._translate_form(path, body)
        if kind == MULTIPART_TYPE and (boundary := read_boundary(content_type)):
            return self._translate_multipart(path, boundary, body)
        return body

    def _translate_form(self, path: str, body: bytes) -> bytes:
        try:
            fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
        except ValueError:
            return body
        translated = self.translate_fields(path, fields)
        return body if translated == fields else urlencode(translated).encode()

    def translate_fields(self, path: str, fields: Fields) -> Fields:
        """Return the fields of a form with this site's tokens and keys."""
        removed, added = self._find_tokens(path, fields)
        return added + [
            (name, self.words.get(text, text)) for name, text in fields if name not in removed
        ]

    def _find_tokens(self, path: str, fields: Fields) -> tuple[list[str], Fields]:
        """Return the names of token fields to remove, and the fields to send instead.

        A site with one token for all forms accepts the token of another page's form, too.
        """
        for name, text in fields:
            for action in (path, ANY_ACTION):
                removed, added = self.tokens.get((text, action), ([], []))
                if name in removed:
                    return removed, added
        return [], []

    def _translate_multipart(self, path: str, boundary: bytes, body: bytes) -> bytes:
        parts = split_parts(boundary, body)
        fields = [
            (read_field_name(part), part[1].decode("utf-8", "replace"))
            for part in parts
            if len(part[1]) < MAX_TOKEN_BYTES
        ]
        removed, added = self._find_tokens(path, fields)
        return replace_fields(boundary, parts, removed, added) if removed else body
