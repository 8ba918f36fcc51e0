"""`cookoff trace` prints the call tree of a request, and writes the result of all features."""

import re
from pathlib import Path

import pytest

from bench.analysis import side_by_side
from bench.cli import trace
from bench.core.errors import UsageError
from bench.core.paths import ROOT
from bench.frameworks.features import FEATURES
from bench.results import store


@pytest.fixture
def run(monkeypatch, written_parts):
    """Return a function that runs the command for three features: its exit code and results."""
    for module in (trace, side_by_side):
        monkeypatch.setattr(module, "FEATURES", FEATURES[-3:])

    def run(*words):
        code = trace.command.main([*words], standalone_mode=False)
        return code, written_parts

    return run


def test_the_result_of_all_features_is_small_and_has_no_absolute_path(run, capsys):
    code, results = run("all", "bare")
    assert code == 0
    bare = results["traces"].frameworks["bare"]
    assert set(bare.features) == {feature.id for feature in FEATURES[-3:]}
    text = store.format_json(results["traces"])
    assert len(text) < 3 * 1_500_000 / 12 / 25
    assert str(ROOT) not in text
    assert not any(Path(file).is_absolute() for file in [frame.file for frame in bare.frames])
    output = capsys.readouterr().out
    assert all(feature.sentence in output for feature in FEATURES[-3:])
    assert "server, framework, app, template, database" in output


def test_the_trace_of_one_feature_is_printed_and_not_written(run, capsys):
    code, results = run("report-health", "bare", "--tree")
    assert (code, results) == (0, {})
    output = capsys.readouterr().out
    assert "Show" not in output
    assert re.search("→ +app: apps.bare.handlers:report_health", output)


@pytest.mark.parametrize(
    ("words", "message"),
    [(["soup"], "'soup'"), (["report-health", "bair"], "did you mean bare")],
)
def test_an_unknown_name_is_reported_in_one_line(run, words, message):
    with pytest.raises(UsageError, match=re.escape(message)) as raised:
        run(*words)
    assert "\n" not in str(raised.value)
