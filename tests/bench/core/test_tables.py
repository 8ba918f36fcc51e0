"""Tables fit the terminal, or 100 columns in a pipe, and lose no value."""

import os
import pty
import re
import subprocess
import sys

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.cli import behaviour_output, compare, cost_tables, load, trace_tables
from bench.core.tables import PIPE_WIDTH, build_columns, print_rows, print_text, split_columns
from bench.frameworks.features import FEATURES
from tests.bench.results.samples import build_full_results, parse

WORDS = st.text("ab-/", min_size=1, max_size=40)
TEXTS = st.lists(WORDS, max_size=12).map(" ".join)
VALUES = st.one_of(TEXTS, st.integers(0, 10**9))


def print_captured(capsys, rows):
    """Print rows, check that no line is too long, and return the text without white space."""
    capsys.readouterr()
    print_rows(rows)
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines()), default=0) <= 100
    return text


def test_a_narrow_table_has_a_line_for_each_row(capsys):
    rows = [{"name": "bare", "calls_made": 7, "note": "none"}, {"name": "flask", "calls_made": 12,
             "note": "a b"}]  # fmt: skip
    assert print_captured(capsys, rows) == (
        "name   calls made  note\nbare            7  none\nflask          12  a b\n"
    )


def test_a_long_text_is_wrapped_in_its_column(capsys):
    sentence = " ".join(["word"] * 40)
    lines = print_captured(capsys, [{"name": "bare", "note": sentence, "MB": 1.5}]).splitlines()
    assert lines[0].split() == ["name", "note", "MB"]
    assert lines[1].endswith("1.5")
    assert len(lines) == 4
    assert " ".join(lines).count("word") == 40


def test_many_numbers_are_split_into_tables_with_the_first_column(capsys):
    names = [f"framework{number}" for number in range(20)]
    text = print_captured(capsys, [{"feature": "sign-in"} | dict.fromkeys(names, 10**6)])
    blocks = [block.splitlines() for block in text.split("\n\n")]
    assert all(len(block) == 2 and block[1].startswith("sign-in  ") for block in blocks)
    assert [word for block in blocks for word in block[0].split()[1:]] == names
    assert text.count("1000000") == 20


@given(columns=st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=15))
def test_no_column_is_lost(columns):
    columns = [("first", "second"), *columns]
    rows = [{f"c{number}": cells[row] for number, cells in enumerate(columns)} for row in range(2)]
    built = build_columns(rows)
    groups = list(split_columns(built, PIPE_WIDTH, 2))
    assert [column for group in groups for column in group[1:]] == built[1:]
    assert all(group[0] is built[0] for group in groups)


def list_parts():
    """Return a function for each table of the commands, which prints sample results."""
    results = parse(build_full_results())
    return {
        "cost": lambda: cost_tables.print_results(results, as_json=False),
        "load": lambda: load.print_results(results, as_json=False),
        "behaviour": lambda: behaviour_output.print_results(results.behaviour, as_json=False),
        "limits": lambda: behaviour_output.print_limits(results.limits, as_json=False),
        "traces": lambda: [
            *(trace_tables.print_feature_table(results.traces, each) for each in FEATURES[:1]),
            trace_tables.print_legend(results.traces),
        ],
        "compare": lambda: compare.print_summary([], results),
    }


@pytest.mark.parametrize("part", list_parts())
def test_every_table_fits_100_columns_in_a_pipe(capsys, part):
    list_parts()[part]()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 3
    assert [line for line in lines if len(line) > 100] == []


def test_a_sentence_is_wrapped_between_words(capsys):
    print_text("warning: " + "a-long-word-with-hyphens " * 9)
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= PIPE_WIDTH for line in lines)
    assert lines[1].startswith("  a-long")
    assert " ".join(lines).count("a-long-word-with-hyphens") == 9


@pytest.mark.parametrize("width", [60, 100])
def test_a_terminal_shows_every_number_whole(width):
    script = (
        "from bench.core.tables import print_rows\n"
        "print_rows([{'name': 'bare'} | {f'requests {n}': 123456789 for n in range(12)}])\n"
    )
    reader, terminal = pty.openpty()
    environ = {**os.environ, "COLUMNS": str(width), "TERM": "xterm"}
    subprocess.run([sys.executable, "-c", script], stdout=terminal, env=environ, check=True)
    os.close(terminal)
    text = click.unstyle(os.read(reader, 65536).decode())
    os.close(reader)
    assert max(map(len, text.splitlines())) <= width
    assert len(re.findall(r"\b123456789\b", text)) == 12
