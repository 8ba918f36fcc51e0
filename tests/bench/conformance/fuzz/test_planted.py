"""A planted fault of each kind is found at its site, and its request is shrunk."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.conformance.fuzz import memory
from bench.conformance.fuzz.compare import Verdict
from bench.conformance.fuzz.finds import Finding
from bench.conformance.fuzz.freedoms import Freedom
from bench.conformance.fuzz.probes import CART, CLIENTS, Probe
from bench.conformance.fuzz.run import FuzzRun
from bench.core.paths import Paths
from tests.bench.conformance.fuzz.conftest import build_hostile_probe

KINDS = {
    "error": ("server error", "500: RuntimeError at app.py"),
    "traceback": ("traceback", "in the reply"),
    "log": ("log", "ValueError"),
    "hang": ("no answer", "no bytes within the time limit"),
    "slow": ("slow", "more than 0.5 s of processor time"),
    "words": ("foreign page", "404 in HTML"),
    "headers": ("headers", "without referrer-policy"),
    "away": ("location", "leads to another site"),
    "dots": ("location", "leads to another site"),
}


def send_probe(run: FuzzRun, probe: Probe) -> dict[str, Finding]:
    """Return the findings by kind."""
    run.run_batch([probe])
    return {finding.verdict.kind: finding for finding in run.result.sorted_findings}


def build_shrunk_probe(fault: str) -> Probe:
    line = b"GET / HTTP/1.1\r\nHost: {{host}}\r\nX-Fault: "
    return Probe(line + fault.encode() + b"\r\n\r\n")


@pytest.mark.parametrize("fault", KINDS)
def test_a_fault_is_found_at_its_site_and_shrunk(run: FuzzRun, fault: str) -> None:
    kind, detail = KINDS[fault]
    finding = send_probe(run, build_hostile_probe(fault))[kind]
    assert finding.verdict.sites == ("faulty",)
    assert finding.verdict.detail.startswith(detail)
    assert finding.confirmed
    assert [probe.template for probe in finding.examples] == [build_shrunk_probe(fault).template]
    assert finding.examples[0].client == "guest"


def test_sites_that_disagree_are_reported_with_their_statuses(run: FuzzRun) -> None:
    findings = send_probe(run, build_hostile_probe("refuse"))
    assert set(findings) == {"status"}
    assert findings["status"].verdict.groups == (("2xx", ("bare",)), ("404", ("faulty",)))
    (example,) = findings["status"].examples
    assert example.template == build_shrunk_probe("refuse").template


def join_lines(lines: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def build_probe(fault: str, *lines: bytes, body: bytes = b"", client: str = CART) -> Probe:
    """Return a request that triggers a fault of the faulty site, with superfluous headers."""
    first, *others = lines
    fault_line = b"X-Fault: " + fault.encode()
    return Probe(
        join_lines([first, b"X-First: 1", *others, fault_line, b"X-Last: 2"]) + body, client
    )


def test_bytes_after_the_reply_are_found(run: FuzzRun) -> None:
    probe = build_probe("extra", b"HEAD /dishes?q=soup HTTP/1.1", b"Host: {{host}}")
    # The bytes may come after the reply was read.
    run.run_batch([probe, build_hostile_probe("none")])
    (finding,) = run.result.sorted_findings
    assert finding.verdict.kind == "extra bytes"
    assert (finding.verdict.sites, finding.verdict.detail) == (("faulty",), "after the reply")
    template = join_lines([b"HEAD / HTTP/1.1", b"Host: {{host}}", b"X-Fault: extra"])
    assert [probe.template for probe in finding.examples] == [template]


@pytest.mark.parametrize(
    ("fault", "lines", "remaining"),
    [
        ("host", (b"Host: evil.example",), b"Host: "),
        ("forwarded", (b"Host: {{host}}", b"X-Original-Host: evil.example"), b"X-Original-Host"),
    ],
)
def test_a_redirect_to_the_host_of_a_header_is_found(
    run: FuzzRun, fault: str, lines: tuple[bytes, ...], remaining: bytes
) -> None:
    finding = send_probe(run, build_probe(fault, b"GET /dishes?q=soup HTTP/1.1", *lines))[
        "location"
    ]
    assert (finding.verdict.sites, finding.verdict.detail) == (("faulty",), "leads to another site")
    (example,) = finding.examples
    assert remaining in example.template
    assert b"X-Fault: " + fault.encode() in example.template
    # The first line, X-Fault, and two for the blank line.
    assert len(example.template.split(b"\r\n")) == len(lines) + 4


FORM_HEAD = (
    *(b"POST /dishes/2/reviews HTTP/1.1", b"Host: {{host}}", b"Cookie: {{cookies}}"),
    *(b"Content-Type: application/x-www-form-urlencoded", b"Content-Length: {{length}}"),
)
PARTS_HEAD = (*FORM_HEAD[:3], b'Content-Type: multipart/form-data; boundary="B"', *FORM_HEAD[4:])


def build_parts(**fields: str) -> bytes:
    start = '--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    parts = "".join(start % field for field in fields.items())
    return b"{{csrf-parts B}}" + parts.encode() + b"--B--\r\n"


def test_different_stored_rows_are_found(run: FuzzRun) -> None:
    body = b"{{csrf}}&x=1&author=Ann&rating=4&body=Good soup."
    finding = send_probe(run, build_probe("rows", *FORM_HEAD, body=body))["rows"]
    assert {names for _, names in finding.verdict.groups} == {("bare",), ("faulty",)}
    (example,) = finding.examples
    assert b"X-First" not in example.template
    assert b"x=1" not in example.template
    assert example.template.endswith(b"Good soup.")


@pytest.mark.parametrize("fault", ["rows", "refuse"])
def test_a_disagreement_about_a_multipart_form_is_found(run: FuzzRun, fault: str) -> None:
    body = build_parts(x="1", author="Ann", rating="4", body="Good soup.")
    kind = "rows" if fault == "rows" else "status"
    finding = send_probe(run, build_probe(fault, *PARTS_HEAD, body=body))[kind]
    assert {names for _, names in finding.verdict.groups} == {("bare",), ("faulty",)}
    (example,) = finding.examples
    assert b"X-First" not in example.template
    assert b"{{cookies}}" in example.template


@pytest.mark.parametrize("lines", [(b"Host: evil.example",), ()], ids=["foreign", "none"])
def test_a_disagreement_under_a_foreign_host_is_found(
    run: FuzzRun, lines: tuple[bytes, ...]
) -> None:
    finding = send_probe(run, build_probe("refuse", b"GET /dishes?q=soup HTTP/1.0", *lines))[
        "status"
    ]
    assert finding.verdict.groups == (("2xx", ("bare",)), ("404", ("faulty",)))
    (example,) = finding.examples
    assert b"X-First" not in example.template
    assert b"X-Fault: refuse" in example.template


def test_a_foreign_host_may_be_refused(run: FuzzRun) -> None:
    probe = build_probe("bad", b"GET /dishes HTTP/1.1", b"Host: evil.example")
    assert not send_probe(run, probe)
    assert run.result.statuses == {200: 1, 400: 1}
    own = build_probe("bad", b"GET /dishes HTTP/1.1", b"Host: {{host}}")
    assert send_probe(run, own)["status"].verdict.groups == (
        ("2xx", ("bare",)),
        ("400", ("faulty",)),
    )


def test_a_request_without_a_fault_gives_no_finding(run: FuzzRun) -> None:
    assert not send_probe(run, build_hostile_probe("none"))
    assert run.result.statuses == {200: 2}


def test_a_declared_silence_gives_no_finding(run: FuzzRun) -> None:
    freedom = Freedom("no answer", ("faulty",), CLIENTS, re.compile(b"X-Fault: hang"), (), "why")
    run.result.freedoms.append(freedom)
    target = next(target for target in run.targets if target.name == "faulty")
    stuck_requests = target.stuck_requests  # of the tests before
    assert not send_probe(run, build_hostile_probe("hang"))
    assert freedom.use_count == 1
    outcome = run.send_probe(target, build_hostile_probe("hang"), isolated=True, timeout=60.0)
    assert [fault.kind for fault in outcome.faults] == ["no answer"]
    assert target.stuck_requests == stuck_requests
    target.restart_host()  # two of its threads still wait


def test_a_repeated_fault_is_counted_and_not_shrunk_again(run: FuzzRun) -> None:
    run.run_batch([build_hostile_probe("error")] * 5)
    (finding,) = run.result.sorted_findings
    assert (finding.count, len(finding.examples)) == (5, 1)


def test_a_host_that_ended_is_reported_and_replaced(run: FuzzRun) -> None:
    run.run_batch([build_hostile_probe("die"), build_hostile_probe("none")])
    (finding,) = run.result.sorted_findings
    assert finding.verdict == Verdict("dead", "the host ended with 3", ("faulty",))
    template = finding.examples[0].template
    assert b"X-Fault: die" in template
    assert template.count(b"\r\n") == 4  # the other lines are removed
    assert run.result.statuses[200] == 3


def test_the_request_that_makes_memory_grow_is_found(run: FuzzRun) -> None:
    target = next(target for target in run.targets if target.name == "faulty")
    first, last = (
        build_hostile_probe("none", b"GET /dishes?page=%d HTTP/1.1" % page) for page in (1, 2)
    )
    growing = build_hostile_probe("grow")
    assert memory.find_growing_probe(target, [first, growing, last]) == growing
    assert memory.find_growing_probe(target, [first, last]) is None


def test_memory_that_keeps_growing_is_a_finding(run: FuzzRun) -> None:
    for _ in range(12):
        run.run_batch([build_hostile_probe("grow")] * 20)
    run.check_memory()
    (finding,) = run.result.sorted_findings
    assert (finding.verdict.kind, finding.verdict.sites) == ("growth", ("faulty",))
    assert finding.examples == [build_hostile_probe("grow")]
    assert not memory.is_growing(run.memory_samples["bare"])


def test_memory_that_grew_once_is_no_finding(run: FuzzRun) -> None:
    run.recent_probes = [build_hostile_probe("none")] * 2
    run.memory_samples["faulty"] = [(100 + 5 * number) * memory.MIB for number in range(60)]
    run.check_memory()
    assert not run.result.findings
    assert run.result.unconfirmed == {"growth": 1}


def test_random_requests_trigger_a_planted_fault(run: FuzzRun) -> None:
    run.run_seed(300)
    findings = [
        finding
        for finding in run.result.sorted_findings
        if "RuntimeError" in finding.verdict.detail
    ]
    assert {finding.verdict.sites for finding in findings} == {("faulty",)}
    template = findings[0].examples[0].template
    assert b"If-Range:" in template
    assert template.count(b"\r\n") <= 4


def test_the_command_ends_with_1_and_prints_a_command_to_replay(
    faulty_paths: Paths, tmp_path: Path
) -> None:
    file = tmp_path / "probe.txt"
    file.write_text("# client: guest\nGET / HTTP/1.1\\r\\n\nX-Fault: error\\r\\n\n\\r\\n\n")
    process = run_fuzz(faulty_paths, tmp_path, "--replay", str(file))
    assert process.returncode == 1, process.stderr
    assert "faulty: server error: 500: RuntimeError" in process.stdout
    assert "printf 'GET / HTTP/1.1\\r\\nX-Fault: error\\r\\n\\r\\n' | nc" in process.stdout
    process = run_fuzz(faulty_paths, tmp_path, "--replay", str(file), "--json")
    (finding,) = json.loads(process.stdout)["findings"]
    assert (finding["kind"], finding["sites"]) == ("server error", ["faulty"])


def test_a_file_without_a_request_is_an_error_in_one_line(
    faulty_paths: Paths, tmp_path: Path
) -> None:
    file = tmp_path / "probe.txt"
    file.write_text("# client: nobody\nGET / HTTP/1.1\n")
    process = run_fuzz(faulty_paths, tmp_path, "--replay", str(file))
    assert process.returncode == 2
    assert process.stderr == (
        "cookoff: probe.txt: unknown client 'nobody'; choose from guest, cart, staff\n"
    )


def test_ctrl_c_prints_the_result_so_far(faulty_paths: Paths, tmp_path: Path) -> None:
    arguments = ["bare", "--requests", "1000000", "--seed", "5", "--json"]
    with subprocess.Popen(
        [COOKOFF, "fuzz", *arguments],
        env=build_environ(faulty_paths, tmp_path),
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


def run_fuzz(paths: Paths, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COOKOFF, "fuzz", *arguments],
        env=build_environ(paths, folder),
        capture_output=True,
        text=True,
    )


def build_environ(paths: Paths, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "COOKOFF_APPS": str(paths.apps),
        "COOKOFF_ENVIRONMENTS": str(paths.environments),
        "COOKOFF_STATE": str(paths.state),
        "COOKOFF_REPORT": str(folder / "report"),
    }
