"""The parts of the fuzzer: grammar, files, templates, server, judge, comparison, shrinking."""

from collections import Counter
from pathlib import Path

import pytest

from bench.conformance.fuzz import freedoms, grammar, memory, server
from bench.conformance.fuzz.compare import find_disagreement, find_verdicts
from bench.conformance.fuzz.judge import find_faults, leaves_site, parse_last_error
from bench.conformance.fuzz.plain import is_plain_form
from bench.conformance.fuzz.probes import CART, GUEST, STAFF, Probe, format_probe, parse_probe
from bench.conformance.fuzz.rules import RULES
from bench.conformance.fuzz.shrink import Shrinker
from bench.conformance.fuzz.sites import ProbeOutcome
from bench.conformance.fuzz.templates import expand_template, split_atoms
from bench.core.errors import UsageError
from bench.core.paths import ROOT
from bench.runtime.http_connection import RawReply

VALUES = {"host": b"127.0.0.1:1", "csrf": b"csrf_token=ab%2B&_formname=x"}
SITE = "http://127.0.0.1:1"
SAFE = tuple(
    (name, "x")
    for name in (
        *("content-security-policy", "x-content-type-options", "referrer-policy", "server-timing"),
    )
)
HTML = (*SAFE, ("content-type", "text/html; charset=utf-8"))
PAGE = b'<link href="/static/site.css"><h1>404</h1> The Larder'


def test_a_request_does_not_depend_on_the_requests_before_it() -> None:
    in_order = [grammar.build_probe(7, number) for number in range(50)]
    assert [grammar.build_probe(7, number) for number in reversed(range(50))] == in_order[::-1]
    assert [grammar.build_probe(8, number) for number in range(50)] != in_order


def test_every_rule_and_every_client_occurs() -> None:
    probes = [grammar.build_probe(1, number) for number in range(4000)]
    used = {label for probe in probes for label in probe.labels[1:]}
    assert used == {rule.name for rule in RULES} | {"bytes changed"}
    clients = Counter(probe.client for probe in probes)
    assert min(clients.values()) > 500
    assert set(clients) == {"guest", "cart", "staff"}


def test_a_request_is_written_and_read_without_loss() -> None:
    for number in range(500):
        probe = grammar.build_probe(3, number)
        again = parse_probe(format_probe(probe), "file")
        assert (again.template, again.client) == (probe.template, probe.client)
    every_byte = Probe(b"GET /" + bytes(range(256)) + b"\r\n\r\n")
    assert parse_probe(format_probe(every_byte), "file").template == every_byte.template


@pytest.mark.parametrize("text", ["", "# client: guest\n", "# client: x\nGET /", "GET /\u20ac"])
def test_a_text_without_a_request_is_an_error(text: str) -> None:
    with pytest.raises(UsageError):
        parse_probe(text, "file")


def test_markers_become_values_lengths_and_encodings() -> None:
    template = b"P {{host}}\r\nA: {{length}} {{length+2}} {{length-99}}\r\n\r\n{{csrf}}{{7*7}}"
    head = b"P 127.0.0.1:1\r\nA: 35 37 0\r\n\r\n"
    assert expand_template(template, VALUES) == head + b"csrf_token=ab%2B&_formname=x{{7*7}}"
    assert expand_template(b"{{fill 3 ab}}", {}) == b"ababab"
    chunks = b"T: chunked\r\n\r\n32\r\n" + b"a" * 50 + b"\r\n1\r\na\r\n0\r\n\r\n"
    assert expand_template(b"T: {{chunked}}\r\n\r\n{{fill 51 a}}", {}) == chunks
    parts = expand_template(b"{{csrf-parts B}}", VALUES)
    part = b'--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    assert parts == part % (b"csrf_token", b"ab+") + part % (b"_formname", b"x")
    assert split_atoms(b"a{{host}}b{{7}}") == [
        b"a",
        b"{{host}}",
        b"b",
        *(b"%c" % c for c in b"{{7}}"),
    ]


@pytest.mark.parametrize(
    ("raw", "methods", "rejected", "complete"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", ("GET",), (False,), True),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", (), (), False),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nab", ("POST",), (False,), False),
        (b"GET / HTTP/1.1\r\n\r\nHEAD / HTTP/1.1\r\n\r\n", ("GET", "HEAD"), (False, False), True),
        (b"GET / HTTP/1.1\r\nA b\r\n\r\n", ("",), (True,), True),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", ("",), (True,), True),
        (b"GET / HTTP/1.1\r\n", (), (), False),
    ],
)
def test_bytes_are_parsed_as_the_server_does(
    raw: bytes, methods: tuple[str, ...], rejected: tuple[bool, ...], complete: bool
) -> None:
    assert server.parse_requests(raw) == server.ParsedRequests(methods, rejected, complete)


def test_the_parser_receives_a_large_body_in_pieces(monkeypatch):
    sizes = []

    class RecordingParser(server.DrainingParser):
        def received(self, data):
            sizes.append(len(data))
            return super().received(data)

    monkeypatch.setattr(server, "DrainingParser", RecordingParser)
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    raw = head + b"1\r\na\r\n" * 10_000 + b"0\r\n\r\n"
    assert server.parse_requests(raw) == server.ParsedRequests(("POST",), (False,), True)
    assert max(sizes) == server.ADJUSTMENTS.recv_bytes


@pytest.mark.parametrize(
    ("status", "headers", "body", "kinds"),
    [
        (200, HTML, b"", []),
        (404, HTML, PAGE, []),
        (404, HTML, b"<h1>Not Found</h1>", ["foreign page"]),
        (404, (*SAFE, ("content-type", "text/plain")), PAGE, ["foreign page"]),
        (404, (*SAFE, ("content-type", "application/problem+json")), b'{"status": 404}', []),
        (404, (*SAFE, ("content-type", "application/problem+json")), b"{}", ["foreign page"]),
        (404, HTML[1:], PAGE, ["headers"]),
        (503, (), b"", ["server error"]),
        (416, HTML, PAGE, ["headers"]),
        (416, (*HTML, ("content-range", "bytes */9")), PAGE, []),
        (0, (), b"closed", ["no answer"]),
        (200, HTML, b"Traceback (most recent call last):", ["traceback"]),
        (303, (*HTML, ("location", "/cart")), b"", []),
        (303, (*HTML, ("location", "//evil")), b"", ["location"]),
        (200, HTML, b"<a href='http://evil.example/'>", ["host"]),
    ],
)
def test_faults_of_a_reply_are_found(
    status: int, headers: tuple[tuple[str, str], ...], body: bytes, kinds: list[str]
) -> None:
    raw = b"GET / HTTP/1.1\r\nX-Forwarded-Host: evil.example\r\n\r\n"
    faults = find_faults(raw, RawReply(status, headers, body), "GET", SITE)
    assert [fault.kind for fault in faults] == kinds


def test_the_type_of_an_error_without_a_body_is_checked() -> None:
    for kind, wrong in (("text/html", 0), ("text/plain", 1)):
        reply = RawReply(404, (*SAFE, ("content-type", kind)), b"")
        assert len(find_faults(b"HEAD", reply, "HEAD", SITE)) == wrong


@pytest.mark.parametrize(
    "location", ["/", "/cart?x=//y", "http://127.0.0.1:1/x", "login", "/a/../b"]
)
def test_a_location_on_the_site(location: str) -> None:
    assert not leaves_site(location, SITE)


@pytest.mark.parametrize(
    "location",
    [
        *("//evil", "https://127.0.0.1:1/", "http://127.0.0.1/", "/\\evil", "\\\\evil", "/.//evil"),
        *(
            "/\t/evil",
            "javascript:x",
            "http://[",
            "/x/..//evil",
            "http:///evil",
        ),
    ],
)
def test_a_location_off_the_site(location: str) -> None:
    assert leaves_site(location, SITE)


def build_outcomes(**statuses: int) -> dict[str, ProbeOutcome]:
    return {name: ProbeOutcome(status) for name, status in statuses.items()}


@pytest.mark.parametrize(
    ("statuses", "groups"),
    [
        ({"a": 200, "b": 204, "c": 201}, None),
        ({"a": 200, "b": 206}, (("206", ("b",)), ("2xx", ("a",)))),
        ({"a": 200, "b": 404, "c": 200}, (("2xx", ("a", "c")), ("404", ("b",)))),
        ({"a": 303, "b": 304}, (("304", ("b",)), ("3xx", ("a",)))),
        ({"a": 400, "b": 422}, (("400", ("a",)), ("422", ("b",)))),
        ({"a": 200, "b": 0}, None),
    ],
)
def test_statuses_are_compared_by_class_and_errors_exactly(
    statuses: dict[str, int], groups: tuple[object, ...] | None
) -> None:
    verdict = find_disagreement(Probe(b"GET /"), build_outcomes(**statuses), [])
    assert (verdict.groups if verdict else None) == groups


def test_sites_that_store_different_rows_disagree() -> None:
    outcomes = {
        name: ProbeOutcome(303, rows_digest=rows)
        for name, rows in {"a": "1", "b": "2", "c": "1"}.items()
    }
    (verdict,) = find_verdicts(Probe(b"POST /"), outcomes, [])
    assert (verdict.kind, verdict.sites) == ("rows", ("b",))
    (verdict,) = find_verdicts(Probe(b"POST /"), {**outcomes, "b": ProbeOutcome(303)}, [])
    assert dict(verdict.groups) == {"rows 1": ("a", "c"), "nothing": ("b",)}
    refused = {**outcomes, "b": ProbeOutcome(403, rows_digest="2")}
    verdicts = find_verdicts(Probe(b"POST /"), refused, [])
    assert [verdict.kind for verdict in verdicts] == ["status"]


def test_a_request_that_the_server_rejects_is_not_compared() -> None:
    outcomes = {"a": ProbeOutcome(400, rejected=True), "b": ProbeOutcome(200)}
    assert find_disagreement(Probe(b"GET /"), outcomes, []) is None


FREEDOM = """
[[freedom]]
kind = "status"
sites = %s
request = "^POST"
statuses = [400, 403]
reason = "r"
"""


@pytest.mark.parametrize(
    ("sites", "statuses", "free", "used"),
    [
        ('"all"', {"a": 400, "b": 403, "c": 403}, True, 1),
        ('"all"', {"a": 400, "b": 403, "c": 404}, False, 1),
        ('["a"]', {"a": 400, "b": 403, "c": 403}, True, 1),
        ('["b"]', {"a": 400, "b": 403, "c": 403}, False, 0),
        ('"all"', {"a": 403, "b": 403}, True, 0),
    ],
)
def test_a_declared_freedom_allows_its_statuses(
    tmp_path: Path, sites: str, statuses: dict[str, int], free: bool, used: int
) -> None:
    file = tmp_path / "freedoms.toml"
    file.write_text(FREEDOM % sites)
    (freedom,) = freedoms.read_freedoms(file)
    verdict = find_disagreement(Probe(b"POST /"), build_outcomes(**statuses), [freedom])
    assert (verdict is None, freedom.use_count) == (free, used)
    if used:
        assert find_disagreement(Probe(b"GET /"), build_outcomes(**statuses), [freedom])


@pytest.mark.parametrize(
    ("statuses", "groups", "used"),
    [
        ({"a": 400, "b": 200, "c": 201}, None, 1),
        ({"a": 400, "b": 400, "c": 403}, None, 1),
        ({"a": 400, "b": 400, "c": 400}, None, 0),
        ({"a": 400, "b": 200, "c": 404}, (("2xx", ("b",)), ("404", ("c",))), 1),
        ({"a": 404, "b": 200, "c": 200}, (("2xx", ("b", "c")), ("404", ("a",))), 0),
    ],
)
def test_sites_that_do_not_refuse_must_agree(
    tmp_path: Path, statuses: dict[str, int], groups: tuple[object, ...] | None, used: int
) -> None:
    file = tmp_path / "freedoms.toml"
    file.write_text((FREEDOM % '"all"').replace("statuses", "refusals"))
    (freedom,) = freedoms.read_freedoms(file)
    verdict = find_disagreement(Probe(b"POST /"), build_outcomes(**statuses), [freedom])
    assert (verdict.groups if verdict else None, freedom.use_count) == (groups, used)


def test_a_second_freedom_may_cover_the_sites_that_did_not_refuse(tmp_path: Path) -> None:
    file = tmp_path / "freedoms.toml"
    text = FREEDOM.replace("[400, 403]", "[404, 405]") % '"all"'
    file.write_text(text + (FREEDOM % '"all"').replace("statuses", "refusals"))
    mixed = build_outcomes(a=400, b=404, c=405)
    assert find_disagreement(Probe(b"POST /"), mixed, freedoms.read_freedoms(file)) is None
    assert find_disagreement(
        Probe(b"POST /"), {**mixed, "c": ProbeOutcome(303)}, freedoms.read_freedoms(file)
    )


def test_equal_rows_do_not_use_a_freedom(tmp_path: Path) -> None:
    file = tmp_path / "freedoms.toml"
    file.write_text((FREEDOM % '"all"').replace('"status"', '"rows"'))
    (freedom,) = freedoms.read_freedoms(file)
    outcome = ProbeOutcome(303, rows_digest="1")
    assert not find_verdicts(Probe(b"POST /"), {"a": outcome, "b": outcome}, [freedom])
    assert freedom.use_count == 0
    different = {"a": outcome, "b": ProbeOutcome(303)}
    assert not find_verdicts(Probe(b"POST /"), different, [freedom])
    assert freedom.use_count == 2


BROWSER = b'--B\r\nContent-Disposition: form-data; name="author"\r\n\r\nZo\xc3\xab\r\n'
CURL = (
    b'--B\r\nContent-Disposition: form-data; name="photo"; filename="p.png"\r\n'
    b"Content-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n\x00\r\n"
)
EMPTY = (
    b'--B\r\nContent-Disposition: form-data; name="photo"; filename=""\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n\r\n"
)
DOTNET = (
    b"--B\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Disposition: form-data; name=rating\r\n\r\n4\r\n"
)
END = b"--B--\r\n"


def multipart(body: bytes, kind: bytes = b"boundary=B", more: bytes = b"") -> bytes:
    head = b"POST / HTTP/1.1\r\nContent-Type: multipart/form-data; " + kind
    return head + b"\r\nContent-Length: {{length}}\r\n" + more + b"\r\n" + body


@pytest.mark.parametrize(
    ("template", "plain"),
    [
        (multipart(END), True),
        (multipart(BROWSER + END), True),
        (multipart(b"{{csrf-parts B}}" + BROWSER + CURL + DOTNET + EMPTY + END), True),
        (multipart(BROWSER + b"--B--", b'boundary="B"'), True),
        (multipart(BROWSER + END, more=b"X: y\r\n"), True),
        (multipart(BROWSER + END, b"boundary=B; charset=hex"), False),
        (multipart(BROWSER + END, b"boundary=C"), False),
        (multipart(BROWSER), False),
        (multipart(b"x\r\n" + BROWSER + END), False),
        (multipart(BROWSER + END + b"x"), False),
        (multipart((BROWSER + END).replace(b"\r\n", b"\n")), False),
        (multipart(BROWSER.replace(b"\xc3", b"") + END), False),
        (multipart(EMPTY.removesuffix(b"\r\n") + b"x\r\n" + END), False),
        (multipart(BROWSER.replace(b"form-data", b"attachment") + END), False),
        (multipart(BROWSER.replace(b"\r\n\r\n", b"\r\nX: y\r\n\r\n") + END), False),
        (multipart(BROWSER + END, more=b"Content-Length: 3\r\n"), False),
        (multipart(BROWSER + END, more=b"Transfer-Encoding: {{chunked}}\r\n"), False),
        (multipart(BROWSER + END, more=b"Content-Type: text/plain\r\n"), False),
        (multipart(BROWSER + END).replace(b"form-data; b", b"mixed; b"), False),
        (b"POST / HTTP/1.1\r\nContent-Length: {{length}}\r\n\r\n" + BROWSER + END, False),
    ],
)
def test_a_form_as_browsers_write_it_is_recognised(template: bytes, plain: bool) -> None:
    assert is_plain_form(template) is plain


REVIEW = (
    b"POST /dishes/2/reviews HTTP/1.1\r\nHost: {{host}}\r\n%sContent-Length: {{length}}\r\n\r\na=1"
)
USUAL = (
    REVIEW % b"Content-Type: application/x-www-form-urlencoded\r\n",
    REVIEW % b'Content-Type: application/x-www-form-urlencoded; charset="utf-8"\r\n',
    REVIEW % b"Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n",
    REVIEW % b'Content-Type: multipart/form-data; boundary="B"\r\n' + BROWSER + END,
    b"GET /dishes?q=%C3%A9 HTTP/1.1\r\nHost: {{host}}\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: {{host}}\r\nIf-None-Match: W/{{etag-menu}}\r\n\r\n",
    b"GET /photos/{{photo}} HTTP/1.1\r\nHost: {{host}}\r\nIf-Modified-Since: {{date-file}}\r\n\r\n",
    b"GET /kitchen HTTP/1.1\r\nHost: {{host}}\r\nCookie: {{cookies}}\r\n\r\n",
)


@pytest.mark.parametrize("template", USUAL)
def test_a_usual_request_has_no_freedom(template: bytes) -> None:
    """A blank before a value must not let a pattern match the usual value."""
    template = template.replace(b"\r\n\r\na=1--B", b"\r\n\r\n--B")
    declared = freedoms.read_all_freedoms(ROOT / "apps")
    matching = [item for item in declared if item.request.search(template)]
    if b"multipart" in template:
        matching = [item for item in matching if item.plain_forms]
        assert is_plain_form(template)
    assert not [item.reason for item in matching]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sites =", "site =", ":4: unknown key 'freedom[0].site'; did you mean sites"),
        ('sites = "all"', 'sites = "bare"', ":4: 'freedom[0].sites': Invalid enum value 'bare'; "),
        ('"status"', "1", ":3: 'freedom[0].kind': Expected `str`, got `int`; correct the value"),
        ('reason = "r"', "", ":2: 'freedom[0].reason' is missing; add it"),
        ('reason = "r"', 'reason = ""', ":7: 'freedom[0].reason': Expected `str` of length >= 1"),
        ('"^POST"', '"("', ":5: 'freedom[0].request' is no regular expression of bytes: missing )"),
        ('"^POST"', '"\u20ac"', ":5: 'freedom[0].request' is no regular expression of bytes: "),
        ("400, ", '"400", ', ":6: 'freedom[0].statuses[0]': Expected `int`, got `str`; correct"),
        ('sites = "all"', "", ":2: 'freedom[0]': name the 'sites', or write \"all\""),
        ("statuses", "# statuses", ":2: 'freedom[0]': give either 'statuses' or 'refusals'"),
        ("reason", "refusals = [403]\nreason", ":2: 'freedom[0]': give either 'statuses' or "),
        ("reason", 'clients = ["cook"]\nreason', ":7: 'freedom[0].clients[0]': Invalid enum val"),
        ("[[freedom]]", "[[freedoms]]", ":2: unknown key 'freedoms'; did you mean freedom?"),
        ("[[freedom]]", "[", ": Invalid initial character for a key part (at line 2, column 2)"),
    ],
)
def test_an_error_in_a_file_of_freedoms_names_line_and_key(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    file = tmp_path / "freedoms.toml"
    text = FREEDOM % '"all"'
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        freedoms.read_freedoms(file)
    assert str(caught.value).startswith(f"{file}{message}")


def test_the_freedoms_of_one_site_are_in_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "pan" / "freedoms.toml"
    file.parent.mkdir()
    text = FREEDOM % '"all"'
    file.write_text(text.replace('sites = "all"\n', ""))
    *shared, own = freedoms.read_all_freedoms(tmp_path)
    assert own.sites == ("pan",)
    assert len(shared) > 30
    file.write_text(text)
    with pytest.raises(UsageError, match=r"freedoms\.toml:2: 'freedom\[0\]': remove 'sites'"):
        freedoms.read_all_freedoms(tmp_path)


def test_a_freedom_without_clients_covers_the_requests_of_all_clients(tmp_path: Path) -> None:
    file = tmp_path / "freedoms.toml"
    file.write_text(FREEDOM % '"all"')
    (freedom,) = freedoms.read_freedoms(file)
    assert freedom.clients == (GUEST, CART, STAFF)


def test_shrinking_removes_what_the_verdict_does_not_need() -> None:
    def is_same(probe: Probe) -> bool:
        return b"x=9" in probe.template and b"B: " in probe.template and b"/dis" in probe.template

    probe = Probe(b"POST /dishes?q HTTP/1.1\r\nA: 1\r\nB: 23\r\nHost: {{host}}\r\n\r\na=1&x=9&z")
    small = Shrinker(probe, is_same).shrink()
    assert small.template == b"POST /dis HTTP/1.1\r\nB: \r\nHost: {{host}}\r\n\r\nx=9"


def test_shrinking_removes_whole_lines_of_a_multipart_body() -> None:
    head = b"POST / HTTP/1.1\r\nContent-Type: multipart/x\r\n\r\n"
    probe = Probe(head + b"{{csrf-parts B}}--B\r\nA: b\r\n\r\nlong text\r\n--B--\r\n")
    small = Shrinker(probe, lambda probe: b"xt" in probe.template and head in probe.template)
    assert small.shrink().template == head + b"long text\r\n"


def test_shrinking_shortens_long_runs_within_its_tries() -> None:
    tries = 0

    def is_same(probe: Probe) -> bool:
        nonlocal tries
        tries += 1
        return len(expand_template(probe.template, {})) > 1000

    small = Shrinker(Probe(b"GET /{{fill 70000 a}} HTTP/1.1\r\n\r\n"), is_same, 60).shrink()
    assert 1000 < len(expand_template(small.template, {})) < 1100
    assert tries <= 60


MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("samples", "grows"),
    [
        ([100 + n for n in range(60)], True),
        ([100 + n for n in range(12)], False),
        ([100] * 30 + [180] * 30, False),
        ([100 + 5 * n if n < 20 else 200 for n in range(60)], False),
        ([100 + n % 7 for n in range(60)], False),
        ([100, 500], False),
    ],
)
def test_memory_grows_if_it_grows_in_every_part_by_much(samples: list[int], grows: bool) -> None:
    assert memory.is_growing([size * MIB for size in samples]) is grows


def test_the_last_exception_of_a_log_is_read_with_its_place() -> None:
    log = b'Traceback (most recent call last):\n  File "/a/b.py", line 7, in c\n    x()\n'
    assert parse_last_error(b"INFO\n" + log + b"E: why 7\nmore\n") == "E at b.py:7 | why 7"
