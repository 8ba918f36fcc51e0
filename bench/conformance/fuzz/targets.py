"""Define rules for request targets: targets that are no path, odd paths, odd queries."""

from random import Random

from bench.conformance.fuzz.drafts import Draft
from bench.conformance.fuzz.rules import HOSTILE_TEXTS, choose_item, rule

# A page shows `evil.example` only if the site trusts a header; see judge.py.
ODD_TARGETS: tuple[bytes, ...] = (
    *(b"*", b"x/y", b"dishes", b"http://{{host}}/", b"http://evil.example/kitchen", b"//", b"///"),
    *(b"http://{{host}}", b"http:///", b"https://{{host}}/kitchen", b"ftp://x/", b"{{host}}", b"?"),
    *(b"//evil.example/kitchen", b"/.//evil.example", b"/..", b"/.", b"/%2e%2e/", b"/?", b"/#"),
    *(b"javascript:alert(1)", b"http://[::1", b"http://[::1]/", b"http://a:b@c/"),
    *(b"/{{fill 9000 a}}", b":", b"::", b"/:80", b"%2f", b"%2Fdishes", b"\\", b"/\\evil.example"),
    *(b"evil.example:443", b"http://x:99999/", b"http://x:y/", b"1", b"-", b";", b"/;a=b", b"/%00"),
    *(b"/\xff", b"/*"),
)
PATH_PIECES: tuple[bytes, ...] = (
    *(b"/", b"//", b"/./", b"/../", b"/%2e%2e/", b"%2f", b"%252f", b"%5c", b"\\", b";", b";a=b"),
    *(b"%", b"%zz", b"%2", b"%00", b"\x00", b"%ff", b"%c3", b"%c3%a9", b"\xc3\xa9", b"\xff"),
    *(b"%0a", b"%0d%0aX-Injected:%201", b"..", b"...", b"%20", b"+", b"@", b":", b"*", b"~", b"|"),
    *(b"^", b"{{fill 3000 a}}", b"%ed%a0%80", b"%c0%af", b"%f0%9f%8d%b2", b"`", b"'", b'"', b"<"),
    *(b"{", b"(a)", b"[0]", b"%u0041", b"\xe2\x80\xae", b"%3f", b"%23", b"#x", b"&", b"=", b","),
    *(b"$", b"!"),
)
ODD_IDS: tuple[bytes, ...] = (
    *(b"0", b"01", b"-1", b"+1", b"1.0", b"1e0", b"1_0", b"%31", b"%D9%A1"),
    *(b"99999999999999999999", b"1%5Cx", b"1;x", b"1%00", b"1%0a", b"1,2", b"1/", b"1//", b"1%20"),
    *(b"%201", b"1%2f2", b"None", b"9223372036854775807", b"9223372036854775808", b"0x1", b""),
    *(b".", b"..", b"1.json", b"1&2", b"{{fill 4000 1}}", b"%EF%BC%91", b"1%c3", b"index"),
    *(b"__class__", b"@@absolute_url", b"++skin++"),
)
PATHS: tuple[bytes, ...] = (
    *(b"/dishes/%s", b"/orders/%s", b"/photos/%s", b"/api/dishes/%s", b"/kitchen/orders/%s"),
    *(b"/static/%s", b"/dishes/%s/reviews", b"/kitchen/dishes/%s/photo", b"/%s", b"/api/%s"),
)
QUERY_FIELDS: tuple[bytes, ...] = (
    *(b"q", b"course", b"sort", b"page", b"next", b"x", b"", b"page:int", b"x:int", b"q:list"),
    *(b"q:record", b"q:utf8:ustring", b"x.y:record", b"q[]", b"q%00", b"%ff", b"page:method"),
    *(b":method", b":action", b"__class__", b"_method", b"format", b"_", b"vars", b"args"),
)
QUERIES: tuple[bytes, ...] = (
    *(b"", b"?", b"??", b"&", b"&&", b"=", b"a", b"=a", b"q=soup&q=cake", b"page=1&page=2", b";"),
    *(b"q=a;page=2", b"page=2;q=a", b"q=%ff", b"q=\xff", b"q=%c3", b"q=%zz", b"q=%", b"q=%00"),
    *(b"%", b"q=%ed%a0%80", b"page=", b"page=0", b"page=-1", b"page=01", b"page=1.0"),
    *(b"page=%D9%A1", b"page=" + b"9" * 30, b"x:int=abc", b"page:list=2", b"page:int=2"),
    *(b"q:list=a&q:list=b", b"next=/.//evil", b"next=//elsewhere.example"),
    *(b"next=/%5celsewhere.example", b"q=a%26b", b"#", b"next=/%09/elsewhere.example"),
    *(b"next=http://elsewhere.example", b"next=%00", b"q=a+b%2Bc", b"{{fill 7000 a}}"),
    *(b"q={{fill 7000 a}}", b"a=1&" * 300, b"a=1&" * 1100, b"sort=%00", b"course="),
    *(b"course=starter&course=main", b"sort=price&sort=name", b"q[]=a", b"q[a]=b", b"q.a=b"),
    b"q=%u0041",
)


@rule(weight=2)
def replace_target(random: Random, draft: Draft) -> None:
    """Replace the target."""
    draft.target = choose_item(random, ODD_TARGETS)


@rule(weight=4)
def insert_path_piece(random: Random, draft: Draft) -> None:
    """Insert a piece into the path, between segments more often than inside them."""
    path, mark, query = draft.target.partition(b"?")
    places = [n for n, byte in enumerate(path) if byte == ord("/")] + [len(path)]
    place = choose_item(random, places) if random.random() < 0.7 else random.randint(0, len(path))
    draft.target = path[:place] + choose_item(random, PATH_PIECES) + path[place:] + mark + query


@rule(weight=3)
def replace_identifier(random: Random, draft: Draft) -> None:
    """Request an address with an odd identifier."""
    draft.target = choose_item(random, PATHS) % choose_item(random, ODD_IDS)


@rule(weight=4)
def replace_query(random: Random, draft: Draft) -> None:
    """Replace the query."""
    draft.target = draft.target.partition(b"?")[0] + b"?" + choose_item(random, QUERIES)


@rule(weight=3)
def send_query_fields(random: Random, draft: Draft) -> None:
    """Send a query of several fields with odd names and values."""
    target = choose_item(
        random, (b"/dishes", b"/api/dishes", b"/login", draft.target.partition(b"?")[0])
    )
    pairs = []
    for _ in range(random.randint(1, 4)):
        text = choose_item(random, HOSTILE_TEXTS)
        text = encode_query_text(text) if random.random() < 0.8 else text.replace(b" ", b"+")
        pairs.append(choose_item(random, QUERY_FIELDS) + b"=" + text)
    draft.target = target + b"?" + choose_item(random, (b"&", b"&", b";", b"&&")).join(pairs)


def encode_query_text(text: bytes) -> bytes:
    """Return a text percent-encoded, except for its markers."""
    if text.startswith(b"{{fill"):
        return text
    return b"".join(b"%c" % byte if chr(byte).isalnum() and byte < 127 else b"%%%02X" % byte
                    for byte in text)  # fmt: skip


@rule()
def change_slashes(random: Random, draft: Draft) -> None:
    """Add a slash to the end or the beginning of the path, or remove the first slash."""
    path, mark, query = draft.target.partition(b"?")
    draft.target = choose_item(random, (path + b"/", path[1:] or b"x", b"/" + path)) + mark + query
