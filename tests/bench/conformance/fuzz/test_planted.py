"""A fault of each kind that was planted on purpose is found at its site, and its request shrunk."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.conformance.fuzz import growth, memory
from bench.conformance.fuzz.compare import Verdict
from bench.conformance.fuzz.finds import Finding
from bench.conformance.fuzz.freedoms import Freedom
from bench.conformance.fuzz.probes import CART, CLIENTS, Probe
from bench.conformance.fuzz.run import FuzzRun
from bench.core.paths import Paths
from tests.bench.conformance.fuzz.conftest import hostile

KINDS = {
    "error": ("server error", "500: RuntimeError at app.py"),
    "traceback": ("traceback", "in the reply"),
    "log": ("log", "ValueError"),
    "hang": ("no answer", "nothing came in time"),
    "words": ("foreign page", "404 in HTML"),
    "headers": ("headers", "without referrer-policy"),
    "away": ("location", "leads to another site"),
    "dots": ("location", "leads to another site"),
}


def finds(run: FuzzRun, probe: Probe) -> dict[str, Finding]:
    run.run_batch([probe])
    return {find.verdict.kind: find for find in run.result.sorted_findings}


def shrunk(fault: str) -> Probe:
    line = b"GET / HTTP/1.1\r\nHost: {{host}}\r\nX-Fault: "
    return Probe(line + fault.encode() + b"\r\n\r\n")


@pytest.mark.parametrize("fault", KINDS)
def test_a_fault_is_found_at_its_site_and_shrunk(run: FuzzRun, fault: str) -> None:
    kind, detail = KINDS[fault]
    find = finds(run, hostile(fault))[kind]
    assert find.verdict.sites == ("faulty",)
    assert find.verdict.detail.startswith(detail)
    assert find.confirmed
    assert [one.template for one in find.examples] == [shrunk(fault).template]
    assert find.examples[0].client == "guest"


def test_sites_that_disagree_are_named_with_what_each_answers(run: FuzzRun) -> None:
    found = finds(run, hostile("refuse"))
    assert set(found) == {"status"}
    assert found["status"].verdict.groups == (("2xx", ("bare",)), ("404", ("faulty",)))
    assert [one.template for one in found["status"].examples] == [shrunk("refuse").template]


def head(lines: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def planted(fault: str, *lines: bytes, body: bytes = b"", client: str = CART) -> Probe:
    """Return a request at which the faulty site shows a fault, among headers of no account."""
    first, *others = lines
    fault_line = b"X-Fault: " + fault.encode()
    return Probe(head([first, b"X-First: 1", *others, fault_line, b"X-Last: 2"]) + body, client)


def test_bytes_after_the_reply_are_found(run: FuzzRun) -> None:
    probe = planted("extra", b"HEAD /dishes?q=soup HTTP/1.1", b"Host: {{host}}")
    run.run_batch([probe, hostile("none")])  # they may come after the reply was read
    (find,) = run.result.sorted_findings
    assert find.verdict.kind == "extra bytes"
    assert (find.verdict.sites, find.verdict.detail) == (("faulty",), "after the reply")
    template = head([b"HEAD / HTTP/1.1", b"Host: {{host}}", b"X-Fault: extra"])
    assert [one.template for one in find.examples] == [template]


@pytest.mark.parametrize(
    ("fault", "lines", "left"),
    [
        ("host", (b"Host: evil.example",), b"Host: "),
        ("forwarded", (b"Host: {{host}}", b"X-Original-Host: evil.example"), b"X-Original-Host"),
    ],
)
def test_a_redirect_to_the_host_of_a_header_is_found(
    run: FuzzRun, fault: str, lines: tuple[bytes, ...], left: bytes
) -> None:
    find = finds(run, planted(fault, b"GET /dishes?q=soup HTTP/1.1", *lines))["location"]
    assert (find.verdict.sites, find.verdict.detail) == (("faulty",), "leads to another site")
    (example,) = find.examples
    assert left in example.template
    assert b"X-Fault: " + fault.encode() in example.template
    assert len(example.template.split(b"\r\n")) == len(lines) + 4  # two for the blank line


FORM_HEAD = (
    *(b"POST /dishes/2/reviews HTTP/1.1", b"Host: {{host}}", b"Cookie: {{cookies}}"),
    *(b"Content-Type: application/x-www-form-urlencoded", b"Content-Length: {{length}}"),
)
PARTS_HEAD = (*FORM_HEAD[:3], b'Content-Type: multipart/form-data; boundary="B"', *FORM_HEAD[4:])


def in_parts(**fields: str) -> bytes:
    start = '--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    parts = "".join(start % field for field in fields.items())
    return b"{{csrf-parts B}}" + parts.encode() + b"--B--\r\n"


def test_other_stored_rows_are_found(run: FuzzRun) -> None:
    body = b"{{csrf}}&x=1&author=Ann&rating=4&body=Good soup."
    find = finds(run, planted("rows", *FORM_HEAD, body=body))["rows"]
    assert {names for _, names in find.verdict.groups} == {("bare",), ("faulty",)}
    (example,) = find.examples
    assert b"X-First" not in example.template
    assert b"x=1" not in example.template
    assert example.template.endswith(b"Good soup.")


@pytest.mark.parametrize("fault", ["rows", "refuse"])
def test_sites_that_disagree_about_a_form_in_parts_are_found(run: FuzzRun, fault: str) -> None:
    body = in_parts(x="1", author="Ann", rating="4", body="Good soup.")
    kind = "rows" if fault == "rows" else "status"
    find = finds(run, planted(fault, *PARTS_HEAD, body=body))[kind]
    assert {names for _, names in find.verdict.groups} == {("bare",), ("faulty",)}
    (example,) = find.examples
    assert b"X-First" not in example.template
    assert b"{{cookies}}" in example.template


@pytest.mark.parametrize("lines", [(b"Host: evil.example",), ()], ids=["foreign", "none"])
def test_sites_that_disagree_under_a_foreign_host_are_found(
    run: FuzzRun, lines: tuple[bytes, ...]
) -> None:
    find = finds(run, planted("refuse", b"GET /dishes?q=soup HTTP/1.0", *lines))["status"]
    assert find.verdict.groups == (("2xx", ("bare",)), ("404", ("faulty",)))
    (example,) = find.examples
    assert b"X-First" not in example.template
    assert b"X-Fault: refuse" in example.template


def test_a_foreign_host_may_be_refused(run: FuzzRun) -> None:
    probe = planted("bad", b"GET /dishes HTTP/1.1", b"Host: evil.example")
    assert not finds(run, probe)
    assert run.result.statuses == {200: 1, 400: 1}
    own = planted("bad", b"GET /dishes HTTP/1.1", b"Host: {{host}}")
    assert finds(run, own)["status"].verdict.groups == (("2xx", ("bare",)), ("400", ("faulty",)))


def test_a_request_without_a_fault_is_no_find(run: FuzzRun) -> None:
    assert not finds(run, hostile("none"))
    assert run.result.statuses == {200: 2}


def test_silence_that_is_declared_is_no_find(run: FuzzRun) -> None:
    freedom = Freedom("no answer", ("faulty",), CLIENTS, re.compile(b"X-Fault: hang"), (), "why")
    run.result.freedoms.append(freedom)
    target = next(one for one in run.targets if one.name == "faulty")
    stuck_before = target.stuck_requests  # other tests hang, too
    assert not finds(run, hostile("hang"))
    assert freedom.use_count == 1
    outcome = run.send_probe(target, hostile("hang"), isolated=True, timeout=60.0)
    assert [fault.kind for fault in outcome.faults] == ["no answer"]
    assert target.stuck_requests == stuck_before
    target.restart_host()  # two of its threads are still waiting


def test_the_same_fault_again_is_counted_and_not_shrunk_again(run: FuzzRun) -> None:
    run.run_batch([hostile("error")] * 5)
    (find,) = run.result.sorted_findings
    assert (find.count, len(find.examples)) == (5, 1)


def test_a_host_that_ended_is_named_and_replaced(run: FuzzRun) -> None:
    run.run_batch([hostile("die"), hostile("none")])
    (find,) = run.result.sorted_findings
    assert find.verdict == Verdict("dead", "the host ended with 3", ("faulty",))
    head = find.examples[0].template
    assert b"X-Fault: die" in head
    assert head.count(b"\r\n") == 4  # the other lines are left out
    assert run.result.statuses[200] == 3


def test_the_request_that_makes_memory_grow_is_told_from_the_others(run: FuzzRun) -> None:
    target = next(one for one in run.targets if one.name == "faulty")
    others = [hostile("none", b"GET /dishes?page=%d HTTP/1.1" % page) for page in (1, 2)]
    assert growth.find_growing_probe(target, [others[0], hostile("grow"), others[1]]) == hostile(
        "grow"
    )
    assert growth.find_growing_probe(target, others) is None


def test_memory_that_keeps_growing_is_a_find(run: FuzzRun) -> None:
    for _ in range(12):
        run.run_batch([hostile("grow")] * 20)
    run.check_memory()
    (find,) = run.result.sorted_findings
    assert (find.verdict.kind, find.verdict.sites) == ("growth", ("faulty",))
    assert find.examples == [hostile("grow")]
    assert not memory.is_growing(run.memory_samples["bare"])


def test_memory_that_grew_once_is_no_find(run: FuzzRun) -> None:
    run.recent_probes = [hostile("none")] * 2
    run.memory_samples["faulty"] = [(100 + 5 * number) * memory.MIB for number in range(60)]
    run.check_memory()
    assert not run.result.findings
    assert run.result.unconfirmed == {"growth": 1}


def test_random_requests_reach_a_planted_fault(run: FuzzRun) -> None:
    run.run_seed(300)
    found = [find for find in run.result.sorted_findings if "RuntimeError" in find.verdict.detail]
    assert {find.verdict.sites for find in found} == {("faulty",)}
    template = found[0].examples[0].template
    assert b"If-Range:" in template
    assert template.count(b"\r\n") <= 4


def test_the_command_ends_with_1_and_prints_what_to_replay(
    faulty_places: Paths, tmp_path: Path
) -> None:
    file = tmp_path / "find.txt"
    file.write_text("# client: guest\nGET / HTTP/1.1\\r\\n\nX-Fault: error\\r\\n\n\\r\\n\n")
    done = command(faulty_places, tmp_path, "--replay", str(file))
    assert done.returncode == 1, done.stderr
    assert "faulty: server error: 500: RuntimeError" in done.stdout
    assert "printf 'GET / HTTP/1.1\\r\\nX-Fault: error\\r\\n\\r\\n' | nc" in done.stdout
    done = command(faulty_places, tmp_path, "--replay", str(file), "--json")
    (find,) = json.loads(done.stdout)["finds"]
    assert (find["kind"], find["sites"]) == ("server error", ["faulty"])


def test_a_file_that_is_no_request_is_refused_in_one_line(
    faulty_places: Paths, tmp_path: Path
) -> None:
    file = tmp_path / "find.txt"
    file.write_text("# client: nobody\nGET / HTTP/1.1\n")
    done = command(faulty_places, tmp_path, "--replay", str(file))
    assert done.returncode == 2
    assert done.stderr == (
        "cookoff: find.txt: the client is one of guest, cart, staff, not 'nobody'\n"
    )


def test_ctrl_c_shows_what_was_found_so_far(faulty_places: Paths, tmp_path: Path) -> None:
    arguments = ["bare", "--requests", "1000000", "--seed", "5", "--json"]
    with subprocess.Popen(
        [COOKOFF, "fuzz", *arguments],
        env=environ(faulty_places, tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout
        assert process.stderr
        assert "sending 1,000,000 requests" in process.stderr.readline()
        assert process.stderr.readline()  # after the first batch
        process.send_signal(signal.SIGINT)
        result = json.loads(process.stdout.read())
    assert process.returncode in (1, 130)
    assert (result["seed"], result["sites"]) == (5, ["bare"])
    assert 0 < result["requests"] < 1_000_000


COOKOFF = Path(sys.executable).with_name("cookoff")


def command(places: Paths, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COOKOFF, "fuzz", *arguments],
        env=environ(places, folder),
        capture_output=True,
        text=True,
    )


def environ(places: Paths, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "COOKOFF_APPS": str(places.apps),
        "COOKOFF_ENVIRONMENTS": str(places.environments),
        "COOKOFF_STATE": str(places.state),
        "COOKOFF_REPORT": str(folder / "report"),
    }
