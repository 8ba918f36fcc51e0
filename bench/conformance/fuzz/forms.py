"""Rules for forms: odd fields, odd content types, odd parts of a multipart body."""

import re
from random import Random

from bench.conformance.fuzz.drafts import BOUNDARY, FORM, JSON, Draft, quoted
from bench.conformance.fuzz.rules import HOSTILE_TEXT, insert, one, rule

CHARSETS = (
    *(
        b"hex",
        b"rot13",
        b"idna",
        b"utf-7",
        b"undefined",
        b"base64",
        b"zip",
        b"bz2",
        b"uu",
        b"quopri",
    ),
    *(
        b"unicode_escape",
        b"raw_unicode_escape",
        b"punycode",
        b"utf-16",
        b"utf-32",
        b"latin-1",
        b"cp037",
    ),
    *(
        b"none",
        b"",
        b"utf-8",
        b"UTF8",
        b'"utf-8"',
        b"utf-8;x",
        b"\xff",
        b"mbcs",
        b"{{fill 2000 a}}",
        b".",
    ),
    *(
        b"utf_8_sig",
        b"utf-8\x00",
        b"ascii",
        b"..",
        b"os",
        b"big5",
        b"iso-2022-jp",
        b"oem",
        b"palmos",
    ),
)
KINDS = (
    *(
        b"",
        b"/",
        b"text/plain",
        b"application/json",
        b"multipart/form-data",
        b"multipart/mixed",
        b"x",
    ),
    *(
        b"multipart/form-data; boundary=",
        b'multipart/form-data; boundary=""',
        b"application/*",
        b";",
    ),
    *(
        FORM + b";",
        FORM + b"; charset",
        FORM.upper(),
        b"application/x-www-form-urlencoded2",
        b"text/csv",
    ),
    *(
        b"multipart/form-data; boundary=other",
        b"multipart/form-data; boundary=a; boundary=b",
        b"\xff/a",
    ),
    *(
        b"multipart/form-data; boundary={{fill 300 b}}",
        b"multipart/byteranges",
        b"message/rfc822",
        b",",
    ),
    *(
        FORM + b", " + JSON,
        b"multipart/form-data; boundary=\xff",
        b"multipart/form-data;boundary*=utf-8''x",
    ),
)
BOUNDARIES = (
    *(
        b'"%s"',
        b"%s ",
        b"%s;",
        b'"%s',
        b"'%s'",
        b"%s; charset=utf-8",
        b'"%s"; charset=hex',
        b"<%s>",
    ),
    *(b"%s,", b' "%s"', b"%s\x00", b"%s; charset=utf-16", b'"%s";x="', b"%s; boundary=other"),
)
PARTS = (
    *(b"Content-Disposition", b"Content-Disposition:", b'Content-Disposition: form-data; name="x'),
    *(
        b"Content-Disposition: form-data",
        b'Content-Disposition: attachment; name="x"',
        b"",
        b":",
        b": x",
    ),
    *(
        b'Content-Disposition: form-data; name=""',
        b'Content-Disposition: form-data; name="\xff"',
        b"\xff",
    ),
    *(
        b"Content-Disposition: form-data; name*=utf-8''%zz",
        b"Content-Disposition: form-data; name*=hex''61",
    ),
    *(
        b'Content-Disposition: form-data; name="x"; filename="../../x"',
        b"x" * 9000,
        b"x: " + b"y" * 9000,
    ),
    *(
        b"Content-Disposition: form-data; name=\"x\"; filename*=rot13''a",
        b"Content-Type: text/plain",
    ),
    *(
        b'Content-Disposition: form-data; name="photo"; filename=""',
        b'Content-Disposition: form-data; name="photo"',
    ),
    *(
        b"Content-Disposition: form-data; name=\"x\"; filename*=utf-8''%ff",
        b"a: b\r\n" * 200 + b"c: d",
    ),
    *(
        b'Content-Disposition: form-data; name="photo"; filename="a\x00.png"',
        b" folded: x",
        b"a:b\nc:d",
    ),
)
PART_HEADS = (
    *(b"Content-Type: text/plain; charset=%s" % name for name in CHARSETS),
    *(
        b"Content-Type: " + kind
        for kind in (FORM, b"multipart/form-data; boundary=x", b"multipart/mixed")
    ),
    *(b"Content-Type: message/rfc822", b"Content-Type:", b"Content-Type", b"Content-Length: 99999"),
    *(
        b"Content-Length: x",
        b"Content-Length: -1",
        b"Content-Transfer-Encoding: base64",
        b"Content-Length: 1",
    ),
    *(
        b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Transfer-Encoding: x",
        b"X: \xff",
        b"\x00: x",
    ),
)
RAW = (
    *(
        b"0",
        b"a=%zz",
        b"a=\xe9",
        b"author=\xc3\xa9",
        b"a=1;b=2",
        b"&",
        b"=",
        b"a",
        b"=&=",
        b"%",
        b"a=%ff",
        b"+",
    ),
    *(
        b"dish_id=2&quantity=1&dish_id=3",
        b"a=1&" * 1001,
        b"a=" * 3000,
        b"a=%00",
        b"\x00",
        b"a=%u0041",
        b"a=%ed%a0%80",
    ),
    *(
        b"dish_id:int=x&quantity=1",
        b"dish_id=2&quantity:list=1",
        b"a={{fill 70000 b}}",
        b"{{fill 2200000 a}}",
    ),
    *(
        b"{{fill 100000 &}}",
        b"\xef\xbb\xbfdish_id=2&quantity=1",
        b"dish_id=2&quantity=1\r\n",
        b"dish_id = 2",
    ),
)


# Addresses off the site, in the spellings that browsers and frameworks resolve.
GOALS = (
    *(
        b"/.//elsewhere.example",
        b"//elsewhere.example",
        b"/\\elsewhere.example",
        b"/..//elsewhere.example",
    ),
    *(
        b"/%5celsewhere.example",
        b"/\t/elsewhere.example",
        b"https:elsewhere.example",
        b"javascript:x",
    ),
    *(
        b"/%2felsewhere.example",
        b"/%09/elsewhere.example",
        b"/cart/../..//elsewhere.example",
        b"/%2e//x",
    ),
    *(
        b"https://elsewhere.example",
        b"///elsewhere.example",
        b"\\\\elsewhere.example",
        b"/\xc3\xa9",
        b"cart",
    ),
    *(
        b"/cart\r\nX-Injected: 1",
        b" //elsewhere.example",
        b"/\x00/elsewhere.example",
        b"/./\\elsewhere.example",
    ),
    *(
        b"http:///elsewhere.example",
        b"/@elsewhere.example",
        b"/x:y",
        b"/;@elsewhere.example",
        b"/?//x",
        b"/#",
    ),
)


def is_form(draft: Draft) -> bool:
    """Return whether a draft carries a form."""
    return draft.fields is not None


@rule(weight=5, applies=is_form)
def odd_field(random: Random, draft: Draft) -> None:
    """Change, repeat, add or leave out a field."""
    fields = draft.fields = draft.fields or []
    choice = random.randrange(5)
    text = one(random, HOSTILE_TEXT)
    if choice == 0 or not fields:
        fields.append(
            (one(random, (b"x", b"dish_id", b"next", b"photo", b"csrf_token", *HOSTILE_TEXT)), text)
        )
        return
    place = random.randrange(len(fields))
    name, value = fields[place]
    if choice == 1:
        fields.insert(random.randint(0, len(fields)), (name, text))
    elif choice == 2:
        del fields[place]
    else:
        fields[place] = (name, text if choice == 3 else insert(random, value, text))


@rule(weight=40, applies=lambda draft: is_form(draft) and draft.target == b"/login")
def goal(random: Random, draft: Draft) -> None:
    """Ask to be sent somewhere after signing in."""
    others = [pair for pair in draft.fields or [] if pair[0] != b"next"]
    draft.fields = [*others, (b"next", one(random, GOALS))]


@rule(weight=2, applies=is_form)
def raw_form(random: Random, draft: Draft) -> None:
    """Send a form that no browser writes, with the token before or after it, or without."""
    raw = one(random, RAW)
    draft.written = one(random, (raw, b"{{csrf}}&" + raw, raw + b"&{{csrf}}"))
    draft.kind = FORM


@rule(applies=is_form)
def raw_values(random: Random, draft: Draft) -> None:
    """Send a form's values as they are, without percent-encoding."""
    pairs = [
        b"%s=%s" % (name, one(random, (value, quoted(value)))) for name, value in draft.fields or []
    ]
    draft.written, draft.kind = b"&".join([b"{{csrf}}", *pairs]), FORM


@rule(weight=2, applies=is_form)
def in_parts(random: Random, draft: Draft) -> None:
    """Send a form in parts."""
    draft.multipart = True


@rule(weight=3, applies=is_form)
def charset(random: Random, draft: Draft) -> None:
    """Name a charset of the form."""
    draft.kind = draft.type() + b"; charset=" + one(random, CHARSETS)


@rule(weight=3)
def content_type(random: Random, draft: Draft) -> None:
    """Send another content type."""
    draft.kind = one(random, KINDS)
    if random.random() < 0.3:
        draft.kind += b"; charset=" + one(random, CHARSETS)


@rule(weight=2, applies=is_form)
def odd_boundary(random: Random, draft: Draft) -> None:
    """Write the boundary in an odd way."""
    draft.multipart = True
    draft.kind = b"multipart/form-data; boundary=" + one(random, BOUNDARIES) % BOUNDARY


@rule(weight=2, applies=is_form)
def other_client(random: Random, draft: Draft) -> None:
    """Write a multipart form as .NET does: the type first, names and boundary otherwise quoted."""
    draft.multipart = True
    name = re.compile(rb'Content-Disposition: form-data; name="(\w+)"\r\n\r\n')
    kind = b"Content-Type: text/plain; charset=utf-8\r\n"
    draft.written = name.sub(
        kind + rb"Content-Disposition: form-data; name=\1\r\n\r\n", draft.in_parts()
    )
    draft.kind = b'multipart/form-data; boundary="%s"' % draft.boundary


@rule(weight=5, applies=is_form)
def odd_part(random: Random, draft: Draft) -> None:
    """Put an odd part into a multipart form, before or after the others."""
    draft.multipart = True
    body, start = draft.in_parts(), b"--%s\r\n" % draft.boundary
    head = one(random, PARTS)
    if random.random() < 0.6:
        named = b'Content-Disposition: form-data; name="%s"' % one(
            random, (b"x", b"photo", b"guest")
        )
        named += one(random, (b"", b"", b'; filename="a.png"', b"; filename=a"))
        head = b"\r\n".join(random.sample([named, one(random, PART_HEADS)], 2))
    part = start + head + b"\r\n\r\n" + one(random, (b"", b"x", *HOSTILE_TEXT)) + b"\r\n"
    end = b"--%s--\r\n" % draft.boundary
    draft.written = part + body if random.random() < 0.4 else body.removesuffix(end) + part + end


@rule(weight=2, applies=is_form)
def broken_parts(random: Random, draft: Draft) -> None:
    """Break the multipart body as a whole."""
    draft.multipart = True
    body, mark = draft.in_parts(), b"--" + draft.boundary
    draft.written = one(
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
