"""The requests of the corpus, each of which once showed a fault, show none at any site."""

from pathlib import Path

import pytest

from bench.conformance.fuzz.compare import find_verdicts
from bench.conformance.fuzz.probes import read_probe
from bench.conformance.fuzz.run import FuzzRun

CORPUS = sorted(Path(__file__).with_name("corpus").glob("*.txt"))


@pytest.mark.xdist_group("fuzz")
@pytest.mark.parametrize("file", CORPUS, ids=[file.stem for file in CORPUS])
def test_a_request_of_the_corpus_shows_no_fault(sites: FuzzRun, file: Path) -> None:
    probe = read_probe(file)
    outcomes = {
        target.name: sites.send_probe(target, probe, isolated=True) for target in sites.targets
    }
    verdicts = find_verdicts(probe, outcomes, sites.result.freedoms)
    assert not verdicts, "\n".join(verdict.format_line() for verdict in verdicts)


def test_the_corpus_is_not_empty() -> None:
    assert CORPUS
