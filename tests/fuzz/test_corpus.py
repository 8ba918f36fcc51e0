"""Requests that once did harm, sent to all sites again."""

from pathlib import Path

import pytest

from bench.conformance.fuzz.compare import find_verdicts
from bench.conformance.fuzz.probes import read_probe
from bench.conformance.fuzz.run import FuzzRun

CORPUS = sorted(Path(__file__).with_name("corpus").glob("*.txt"))


@pytest.mark.xdist_group("fuzz")
@pytest.mark.parametrize("file", CORPUS, ids=[file.stem for file in CORPUS])
def test_a_request_that_once_did_harm_does_none(sites: FuzzRun, file: Path) -> None:
    probe = read_probe(file)
    outcomes = {one.name: sites.send_probe(one, probe, isolated=True) for one in sites.targets}
    found = find_verdicts(probe, outcomes, sites.result.freedoms)
    assert not found, "\n".join(verdict.format_line() for verdict in found)


def test_the_corpus_is_there() -> None:
    assert CORPUS
