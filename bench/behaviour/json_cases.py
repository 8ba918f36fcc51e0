"""List texts that a JSON parser must accept, must reject, or may treat either way.

The three kinds are those of JSONTestSuite (Nicolas Seriot, "Parsing JSON is a Minefield"); the
texts were written for this project from the grammar of RFC 8259.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Expectation = Literal["accept", "reject", "free"]

# Each kind maps names to texts; a text that is not valid UTF-8, or in another encoding, is bytes.
NUMBERS = {
    "zero": "0", "minus-zero": "-0", "one": "1", "minus-one": "-1", "nine-digits": "123456789",
    "fraction": "1.5", "fraction-of-zero": "0.25", "minus-fraction": "-0.5", "exponent": "1e3",
    "exponent-upper": "1E3", "exponent-plus": "1e+3", "exponent-minus": "1e-3",
    "fraction-and-exponent": "1.5E+2", "exponent-of-zero": "0e1", "exponent-leading-zero": "1e01",
}  # fmt: skip
STRINGS = {
    "empty": '""', "ascii": '"soup"', "quote": r'"\""', "backslash": r'"\\"', "slash": r'"\/"',
    "slash-plain": '"/"', "backspace": r'"\b"', "form-feed": r'"\f"', "line-feed": r'"\n"',
    "carriage-return": r'"\r"', "tab": r'"\t"', "escaped-letter": r'"\u0041"',
    "escaped-lower-hex": r'"\u00e9"', "escaped-upper-hex": r'"\u00E9"', "escaped-nul": r'"\u0000"',
    "escaped-pair": r'"\ud83c\udf72"', "two-bytes": '"é"', "three-bytes": '"€"',
    "four-bytes": '"🍲"', "delete": '"\x7f"', "line-separator": '"\u2028"',
    "noncharacter": r'"\uffff"', "comment-inside": '"/* soup */"', "escaped-escape": r'"\\u0041"',
}  # fmt: skip
STRUCTURES = {
    "null": "null", "true": "true", "false": "false", "array": "[]", "array-of-one": "[1]",
    "array-of-kinds": '[null,true,1,"a",[],{}]', "arrays": "[[[]]]", "object": "{}",
    "object-of-one": '{"a":1}', "object-of-two": '{"a":1,"b":2}', "empty-name": '{"":0}',
    "escaped-name": r'{"\u0061":1}', "objects": '{"a":{"b":{}}}', "name-of-nul": r'{"\u0000":1}',
    "blanks": ' [ 1 , 2 ] ', "line-feeds": "\n[\n1\n]\n", "carriage-returns": "\r[1]\r",
    "tabs": "\t{\t\"a\"\t:\t1\t}\t", "100-deep": "[" * 100 + "]" * 100,
}  # fmt: skip
BAD_NUMBERS = {
    "leading-zero": "01", "minus-leading-zero": "-01", "plus": "+1", "no-integer": ".5",
    "no-fraction": "5.", "minus": "-", "minus-point": "-.5", "no-exponent": "1e",
    "bare-sign": "1e+", "point-exponent": "1.e1", "hexadecimal": "0x10", "octal": "0o7",
    "underscore": "1_000",
    "two-signs": "--1", "two-points": "1.2.3", "two-exponents": "1e2e3", "blank-inside": "1 000",
    "nan": "NaN", "minus-nan": "-NaN", "infinity": "Infinity", "minus-infinity": "-Infinity",
    "inf": "inf", "suffix": "1a", "wide-digit": "１", "other-digit": "٥", "fraction-sign": "½",
}  # fmt: skip
BAD_STRINGS = {
    "single-quotes": "'soup'", "no-end": '"soup', "no-begin": 'soup"', "one-quote": '"',
    "raw-tab": '"\t"', "raw-line-feed": '"\n"', "raw-nul": '"\0"', "raw-unit-separator": '"\x1f"',
    "hex-escape": r'"\x41"', "bell": r'"\a"', "octal-escape": r'"\101"', "upper-u": r'"\U0041"',
    "short-escape": r'"\u12"', "no-hex": r'"\u12g4"', "plus-hex": r'"\u+123"',
    "escape-at-end": '"\\"', "escaped-line-feed": '"\\\n"', "backticks": "`soup`",
    "curly-quotes": "“soup”", "triple": '"""soup"""', "bytes": 'b"soup"',
}  # fmt: skip
BAD_STRUCTURES = {
    "nothing": "", "blank": " ", "array-open": "[", "array-closed": "]", "array-cut": "[1",
    "comma-at-end": "[1,]", "comma-first": "[,1]", "two-commas": "[1,,2]", "comma-only": "[,]",
    "no-comma": "[1 2]", "colon-in-array": "[1:2]", "object-open": "{", "object-cut": '{"a":1',
    "number-name": "{1:1}", "bare-name": "{a:1}", "single-quoted-name": "{'a':1}",
    "null-name": "{null:1}", "no-value": '{"a":}', "no-colon": '{"a" 1}', "name-alone": '{"a"}',
    "two-colons": '{"a"::1}', "object-comma": '{"a":1,}', "object-comma-first": '{,"a":1}',
    "equals-sign": '{"a"=1}', "closed-by-other": "[1}", "one-too-many": "[1]]", "set": '{1,2}',
    "tuple": "(1)", "two-values": "1 2", "two-arrays": "[][]", "semicolon": "[1];",
    "line-comment": "[1] // soup", "block-comment": "[/* soup */ 1]", "hash-comment": "[1] # soup",
    "upper-true": "TRUE", "python-true": "True", "python-none": "None", "short-null": "nul",
    "long-null": "nulll", "undefined": "undefined", "bare-word": "soup", "ellipsis": "[1,...]",
    "form-feed-between": "[\x0c1]", "no-break-blank": "[\u00a01]", "vertical-tab": "[\x0b1]",
    "word-joiner": "[\u20601]", "after-nul": "[1]\0", "open-100": "[" * 100, "xml": "<soup/>",
}  # fmt: skip
BAD_BYTES = {"ff": b"\xff", "ff-between": b"[\xff1]", "cut-letter": b"\xc3", "mark-alone":
             b"\xef\xbb\xbf", "mark-inside": b"[\xef\xbb\xbf1]"}  # fmt: skip
FREE_TEXTS: Mapping[str, str | bytes] = {
    "mark": b"\xef\xbb\xbf[1]", "utf-16": "[1]".encode("utf-16"),
    "utf-16-le": "[1]".encode("utf-16-le"), "utf-16-be": "[1]".encode("utf-16-be"),
    "utf-32": "[1]".encode("utf-32"), "latin-1-string": b'"\xe9"', "cut-string": b'"\xc3"',
    "overlong-slash": b'"\xc0\xaf"', "lone-continuation": b'"\x80"', "five-bytes":
    b'"\xf8\x88\x80\x80\x80"', "encoded-surrogate": b'"\xed\xa0\x80"',
    "beyond-unicode": b'"\xf4\x90\x80\x80"', "high-surrogate": r'"\ud83c"',
    "low-surrogate": r'"\udf72"', "pair-turned": r'"\udf72\ud83c"', "two-high": r'"\ud83c\ud83c"',
    "high-and-letter": r'"\ud83ca"', "surrogate-name": r'{"\ud83c":1}',
    "same-name-same-value": '{"a":1,"a":1}', "same-name": '{"a":1,"a":2}',
    "same-name-escaped": r'{"a":1,"\u0061":2}', "prototype": '{"__proto__":1}',
    "huge-exponent": "1e999", "minus-huge-exponent": "-1e999", "tiny-exponent": "1e-999",
    "64-bits": "18446744073709551616", "200-digits": "9" * 200, "5000-digits": "9" * 5000,
    "many-decimals": "0." + "1" * 400, "long-exponent": "1e" + "0" * 300 + "1",
    "500-deep": "[" * 500 + "]" * 500, "2000-deep": "[" * 2000 + "]" * 2000,
    "50000-deep": "[" * 50_000 + "]" * 50_000,
    "objects-2000-deep": '{"a":' * 2000 + "1" + "}" * 2000,
}  # fmt: skip
KINDS: tuple[tuple[Expectation, str, Mapping[str, str | bytes]], ...] = (
    ("accept", "number", NUMBERS),
    ("accept", "string", STRINGS),
    ("accept", "structure", STRUCTURES),
    ("reject", "number", BAD_NUMBERS),
    ("reject", "string", BAD_STRINGS),
    ("reject", "structure", BAD_STRUCTURES),
    ("reject", "bytes", BAD_BYTES),
    ("free", "text", FREE_TEXTS),
)


@dataclass(frozen=True)
class JsonCase:
    """One text, and how RFC 8259 classifies it."""

    id: str
    expected: Expectation
    text: bytes


def generate_cases() -> Iterator[JsonCase]:
    """Yield every case, in order."""
    for expected, kind, texts in KINDS:
        for name, text in texts.items():
            content = text if isinstance(text, bytes) else text.encode("utf-8")
            yield JsonCase(f"{expected}-{kind}-{name}", expected, content)


CASES: tuple[JsonCase, ...] = tuple(generate_cases())
