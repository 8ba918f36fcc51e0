"""A value that an option does not take is wrong use, told in one line before anything is done."""

import sys

import click
import pytest

from bench.cli import main
from bench.cli.option_types import FiniteNumber, WholeNumber
from bench.measure.cost import budget as cost_effort

NUMBERS = (click.types.IntParamType, click.types.FloatParamType)
NO_NUMBERS = ["nan", "-nan", "inf", "-inf", "x", "", "1e400", "9" * 5000, "-1", "0x10"]


def command_at(path):
    """Return the command that some words call."""
    command = main.cookoff
    for name in path:
        command = command.get_command(click.Context(command), name)
    return command


def all_options(command=main.cookoff, path=()):
    """Yield every option of every command, with the words that call the command."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from all_options(command.get_command(context, name), (*path, name))
    for option in command.params:
        if isinstance(option, click.Option):
            yield path, option


OPTIONS = list(all_options())
NUMERIC = [(path, one) for path, one in OPTIONS if isinstance(one.type, NUMBERS)]


@pytest.fixture
def refusal(monkeypatch, capsys):
    """Return a function that runs a command line, and returns the one line that refuses it."""

    def run(*line):
        monkeypatch.setattr(sys, "argv", ["cookoff", *line])
        with pytest.raises(SystemExit) as ended:
            main.main()
        told = capsys.readouterr()
        assert (ended.value.code, told.out) == (2, ""), told
        assert told.err.count("\n") == 1
        return told.err

    return run


def test_the_options_with_numbers_are_found():
    assert {" ".join((*path, one.opts[0])) for path, one in NUMERIC} >= {
        "serve --port", "switch --port", "database scale --dishes", "load --rate", "load --share",
        "load --seconds", "cost --planted", "cost --seed", "compare --launches",
        "differential --steps",
    }  # fmt: skip


def name_of(value):
    return " ".join([*value[0], value[1].opts[0]])


@pytest.mark.parametrize("found", NUMERIC, ids=map(name_of, NUMERIC))
def test_a_number_has_a_range_that_every_refusal_names(refusal, found, monkeypatch):
    path, option = found
    monkeypatch.setattr(command_at(path), "callback", lambda **_: pytest.fail("the command ran"))
    assert isinstance(option.type, WholeNumber | FiniteNumber)
    low, high = option.type.min, option.type.max
    for value in [*NO_NUMBERS, str(low - 1), str(high + 1)]:
        told = refusal(*path, f"{option.opts[0]}={value}")
        assert f"Invalid value for '{option.opts[0]}'" in told
        assert f" from {low:g} to " in told
        assert value[:8] in told
        assert len(told) < 250
    for value in (low, high, option.default):
        if isinstance(value, int | float):
            assert option.type.convert(str(value), option, None) == value


@pytest.mark.parametrize(
    "value",
    [
        "foo", "127.0.0.1:8000", "http://", "http:///menu", "ftp://127.0.0.1", "https://127.0.0.1",
        "http://127.0.0.1:99999", "http://127.0.0.1:x", "http://127.0.0.1:0", "http://[::1",
        "http://127.0.0.1/menu", "http://127.0.0.1?x=1", "http://ada@127.0.0.1", "http://a b", "",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(refusal, value):
    told = refusal("contract", "--url", value)
    assert f"Invalid value for '--url': {value!r} is no address such as http://" in told


@pytest.mark.parametrize("value", ["http://127.0.0.1:9000", "http://[::1]:8000/", "http://pan"])
def test_an_address_is_taken_as_it_is(value):
    option = next(one for _, one in OPTIONS if "--url" in one.opts)
    assert option.type.convert(value, option, None) == value


@pytest.mark.parametrize("value", ["plain", "plain:", ":app", "a b:app", "plain:app()", ""])
def test_what_is_no_callables_name_is_refused(refusal, value):
    assert "such as package.module:callable" in refusal("contract", "--app", value)


def test_a_file_that_does_not_exist_is_named(refusal, tmp_path):
    missing = str(tmp_path / "old.json")
    assert f"File '{missing}' does not exist" in refusal("behaviour", "--diff", missing)
    assert f"File '{missing}' does not exist" in refusal("cost", "--diff", missing, missing)


def test_a_page_that_cannot_be_written_is_refused_before_the_work(refusal, tmp_path):
    where = ("side-by-side", "show-the-menu", "flask", "--html")
    assert f"is no folder {tmp_path / 'no'} " in refusal(*where, str(tmp_path / "no" / "a.html"))
    assert "is a directory" in refusal(*where, str(tmp_path))


@pytest.mark.parametrize(
    "line",
    [
        "contract --feature show-the-mneu",
        "journey show-the-mneu flask",
        "side-by-side show-the-mneu flask",
    ],
)
def test_a_wrong_feature_is_answered_with_the_nearest(refusal, line):
    told = refusal(*line.split())
    assert "'show-the-mneu'" in told
    assert "show-the-menu" in told
    assert "export-the-orders" not in told


def test_other_names_are_answered_with_the_nearest_or_all(refusal):
    assert "did you mean waitress or " in refusal("behaviour", "--channel", "waitres")
    assert "it is one of: methods, " in refusal("behaviour", "--group", "zzz")
    assert "no fault's name holds 'zzz'" in refusal("mutants", "-k", "zzz")


def test_every_seed_of_cost_makes_a_hash_seed_that_python_takes():
    seeds = {one.opts[0]: one.type for path, one in NUMERIC if path == ("cost",)}
    highest = (
        1000 * (seeds["--seed"].max + seeds["--repeat"].max) + cost_effort.FULL_BUDGET.launches
    )
    assert highest < 2**32


@pytest.mark.parametrize("option", ["--page", "--baseline"])
@pytest.mark.parametrize("command", ["cost", "load --rate 5"])
def test_an_unknown_page_or_baseline_lists_the_names(refusal, command, option):
    told = refusal(*command.split(), "bare", option, "soup")
    assert "'soup'" in told
    assert ("menu" if option == "--page" else "bare") in told
