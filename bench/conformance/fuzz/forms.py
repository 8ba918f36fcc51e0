"""Define rules for forms: odd fields, odd content types, odd parts of a multipart body."""

import re
from random import Random

from bench.conformance.fuzz.drafts import BOUNDARY, FORM_TYPE, JSON_TYPE, Draft, quote_value
from bench.conformance.fuzz.rules import HOSTILE_TEXTS, choose_item, insert_piece, rule

CHARSETS = (
    *(b"hex", b"rot13", b"idna", b"utf-7", b"undefined", b"base64", b"zip", b"bz2", b"uu"),
    *(b"quopri", b"unicode_escape", b"raw_unicode_escape", b"punycode", b"utf-16", b"utf-32"),
    *(b"latin-1", b"cp037", b"none", b"", b"utf-8", b"UTF8", b'"utf-8"', b"utf-8;x", b"\xff"),
    *(b"mbcs", b"{{fill 2000 a}}", b".", b"utf_8_sig", b"utf-8\x00", b"ascii", b"..", b"os"),
    *(b"big5", b"iso-2022-jp", b"oem", b"palmos"),
)
FORM_CONTENT_TYPES = (
    *(b"", b"/", b"text/plain", b"application/json", b"multipart/form-data", b"multipart/mixed"),
    *(b"x", b"multipart/form-data; boundary=", b'multipart/form-data; boundary=""'),
    *(b"application/*", b";", FORM_TYPE + b";", FORM_TYPE + b"; charset", FORM_TYPE.upper()),
    *(b"application/x-www-form-urlencoded2", b"text/csv", b"multipart/form-data; boundary=other"),
    *(b"multipart/form-data; boundary=a; boundary=b", b"\xff/a"),
    *(b"multipart/form-data; boundary={{fill 300 b}}", b"multipart/byteranges", b"message/rfc822"),
    *(b",", FORM_TYPE + b", " + JSON_TYPE, b"multipart/form-data; boundary=\xff"),
    b"multipart/form-data;boundary*=utf-8''x",
)
BOUNDARIES = (
    *(b'"%s"', b"%s ", b"%s;", b'"%s', b"'%s'", b"%s; charset=utf-8", b'"%s"; charset=hex'),
    *(b"<%s>", b"%s,", b' "%s"', b"%s\x00", b"%s; charset=utf-16", b'"%s";x="'),
    b"%s; boundary=other",
)
PART_HEADERS = (
    *(b"Content-Disposition", b"Content-Disposition:", b'Content-Disposition: form-data; name="x'),
    *(b"Content-Disposition: form-data", b'Content-Disposition: attachment; name="x"', b"", b":"),
    *(b": x", b'Content-Disposition: form-data; name=""'),
    *(b'Content-Disposition: form-data; name="\xff"', b"\xff"),
    b"Content-Disposition: form-data; name*=utf-8''%zz",
    b"Content-Disposition: form-data; name*=hex''61",
    *(b'Content-Disposition: form-data; name="x"; filename="../../x"', b"x" * 9000),
    *(b"x: " + b"y" * 9000, b"Content-Disposition: form-data; name=\"x\"; filename*=rot13''a"),
    *(b"Content-Type: text/plain", b'Content-Disposition: form-data; name="photo"; filename=""'),
    b'Content-Disposition: form-data; name="photo"',
    b"Content-Disposition: form-data; name=\"x\"; filename*=utf-8''%ff",
    b"a: b\r\n" * 200 + b"c: d",
    *(b'Content-Disposition: form-data; name="photo"; filename="a\x00.png"', b" folded: x"),
    b"a:b\nc:d",
)
EXTRA_PART_HEADERS = (
    *(b"Content-Type: text/plain; charset=%s" % name for name in CHARSETS),
    *(
        b"Content-Type: " + kind
        for kind in (FORM_TYPE, b"multipart/form-data; boundary=x", b"multipart/mixed")
    ),
    *(b"Content-Type: message/rfc822", b"Content-Type:", b"Content-Type", b"Content-Length: 99999"),
    *(b"Content-Length: x", b"Content-Length: -1", b"Content-Transfer-Encoding: base64"),
    *(b"Content-Length: 1", b"Content-Transfer-Encoding: quoted-printable"),
    *(b"Content-Transfer-Encoding: x", b"X: \xff", b"\x00: x"),
)
RAW_BODIES = (
    *(b"0", b"a=%zz", b"a=\xe9", b"author=\xc3\xa9", b"a=1;b=2", b"&", b"=", b"a", b"=&=", b"%"),
    *(b"a=%ff", b"+", b"dish_id=2&quantity=1&dish_id=3", b"a=1&" * 1001, b"a=" * 3000, b"a=%00"),
    *(b"\x00", b"a=%u0041", b"a=%ed%a0%80", b"dish_id:int=x&quantity=1"),
    *(b"dish_id=2&quantity:list=1", b"a={{fill 70000 b}}", b"{{fill 2200000 a}}"),
    *(b"{{fill 100000 &}}", b"\xef\xbb\xbfdish_id=2&quantity=1", b"dish_id=2&quantity=1\r\n"),
    b"dish_id = 2",
)


# Addresses outside the site, in spellings that browsers and frameworks resolve.
REDIRECT_TARGETS = (
    *(b"/.//elsewhere.example", b"//elsewhere.example", b"/\\elsewhere.example"),
    *(b"/..//elsewhere.example", b"/%5celsewhere.example", b"/\t/elsewhere.example"),
    *(b"https:elsewhere.example", b"javascript:x", b"/%2felsewhere.example"),
    *(b"/%09/elsewhere.example", b"/cart/../..//elsewhere.example", b"/%2e//x"),
    *(b"https://elsewhere.example", b"///elsewhere.example", b"\\\\elsewhere.example"),
    *(b"/\xc3\xa9", b"cart", b"/cart\r\nX-Injected: 1", b" //elsewhere.example"),
    *(b"/\x00/elsewhere.example", b"/./\\elsewhere.example", b"http:///elsewhere.example"),
    *(b"/@elsewhere.example", b"/x:y", b"/;@elsewhere.example", b"/?//x", b"/#"),
)


def has_form(draft: Draft) -> bool:
    """Return whether a draft carries a form."""
    return draft.fields is not None


@rule(weight=5, applies=has_form)
def change_field(random: Random, draft: Draft) -> None:
    """Change, repeat, add or remove a field."""
    fields = draft.fields = draft.fields or []
    choice = random.randrange(5)
    text = choose_item(random, HOSTILE_TEXTS)
    if choice == 0 or not fields:
        fields.append(
            (
                choose_item(
                    random, (b"x", b"dish_id", b"next", b"photo", b"csrf_token", *HOSTILE_TEXTS)
                ),
                text,
            )
        )
        return
    place = random.randrange(len(fields))
    name, value = fields[place]
    if choice == 1:
        fields.insert(random.randint(0, len(fields)), (name, text))
    elif choice == 2:
        del fields[place]
    else:
        fields[place] = (name, text if choice == 3 else insert_piece(random, value, text))


@rule(weight=40, applies=lambda draft: has_form(draft) and draft.target == b"/login")
def replace_redirect_target(random: Random, draft: Draft) -> None:
    """Replace the address to which the site redirects after the sign-in."""
    others = [pair for pair in draft.fields or [] if pair[0] != b"next"]
    draft.fields = [*others, (b"next", choose_item(random, REDIRECT_TARGETS))]


@rule(weight=2, applies=has_form)
def send_raw_form(random: Random, draft: Draft) -> None:
    """Send a form that no browser writes, with the token before or after it, or without a token."""
    raw = choose_item(random, RAW_BODIES)
    draft.raw_body = choose_item(random, (raw, b"{{csrf}}&" + raw, raw + b"&{{csrf}}"))
    draft.content_type = FORM_TYPE


@rule(applies=has_form)
def send_raw_values(random: Random, draft: Draft) -> None:
    """Send some values of a form without percent-encoding."""
    pairs = [
        b"%s=%s" % (name, choose_item(random, (value, quote_value(value))))
        for name, value in draft.fields or []
    ]
    draft.raw_body, draft.content_type = b"&".join([b"{{csrf}}", *pairs]), FORM_TYPE


@rule(weight=2, applies=has_form)
def send_multipart(random: Random, draft: Draft) -> None:
    """Send a form as a multipart body."""
    draft.is_multipart = True


@rule(weight=3, applies=has_form)
def add_charset(random: Random, draft: Draft) -> None:
    """Add a charset to the type of the form."""
    draft.content_type = draft.build_content_type() + b"; charset=" + choose_item(random, CHARSETS)


@rule(weight=3)
def replace_content_type(random: Random, draft: Draft) -> None:
    """Send another content type."""
    draft.content_type = choose_item(random, FORM_CONTENT_TYPES)
    if random.random() < 0.3:
        draft.content_type += b"; charset=" + choose_item(random, CHARSETS)


@rule(weight=2, applies=has_form)
def change_boundary(random: Random, draft: Draft) -> None:
    """Write the boundary in an odd way."""
    draft.is_multipart = True
    draft.content_type = (
        b"multipart/form-data; boundary=" + choose_item(random, BOUNDARIES) % BOUNDARY
    )


@rule(weight=2, applies=has_form)
def imitate_dotnet_client(random: Random, draft: Draft) -> None:
    """Write a multipart form as .NET does: the type first, bare names, a quoted boundary."""
    draft.is_multipart = True
    name = re.compile(rb'Content-Disposition: form-data; name="(\w+)"\r\n\r\n')
    kind = b"Content-Type: text/plain; charset=utf-8\r\n"
    draft.raw_body = name.sub(
        kind + rb"Content-Disposition: form-data; name=\1\r\n\r\n", draft.build_multipart()
    )
    draft.content_type = b'multipart/form-data; boundary="%s"' % draft.boundary


@rule(weight=5, applies=has_form)
def insert_odd_part(random: Random, draft: Draft) -> None:
    """Insert an odd part into a multipart form, before or after the other parts."""
    draft.is_multipart = True
    body, start = draft.build_multipart(), b"--%s\r\n" % draft.boundary
    head = choose_item(random, PART_HEADERS)
    if random.random() < 0.6:
        named = b'Content-Disposition: form-data; name="%s"' % choose_item(
            random, (b"x", b"photo", b"guest")
        )
        named += choose_item(random, (b"", b"", b'; filename="a.png"', b"; filename=a"))
        head = b"\r\n".join(random.sample([named, choose_item(random, EXTRA_PART_HEADERS)], 2))
    part = start + head + b"\r\n\r\n" + choose_item(random, (b"", b"x", *HOSTILE_TEXTS)) + b"\r\n"
    end = b"--%s--\r\n" % draft.boundary
    draft.raw_body = part + body if random.random() < 0.4 else body.removesuffix(end) + part + end


@rule(weight=2, applies=has_form)
def break_multipart(random: Random, draft: Draft) -> None:
    """Break the structure of a multipart body."""
    draft.is_multipart = True
    body, mark = draft.build_multipart(), b"--" + draft.boundary
    draft.raw_body = choose_item(
        random,
        (
            *(
                b"",
                b"\r\n",
                mark,
                mark + b"--",
                mark + b"--\r\n",
                mark + b"\r\n",
                b"--\r\n",
                body + body,
            ),
            *(
                body.replace(b"\r\n", b"\n"),
                body.removesuffix(mark + b"--\r\n"),
                b"preamble\r\n" + body,
            ),
            *(
                body + b"epilogue",
                body.replace(mark, mark + b" "),
                body[:-9],
                b"\r\n" + body,
                b"x" * 5000,
            ),
            *(
                body.replace(mark, mark.lower()[:-1]),
                (mark + b"\r\n\r\n\r\n") * 1200 + mark + b"--",
            ),
        ),
    )
