"""An invalid option value is a usage error of one line, before the command starts."""

import sys

import click
import pytest

from bench.cli import main
from bench.cli.option_types import FiniteNumber, WholeNumber
from bench.cli.reference import list_contexts
from bench.cli.renamed import RenamedOption
from bench.conformance import mutants
from bench.measure.cost.budget import FULL_BUDGET

NUMBERS = (click.types.IntParamType, click.types.FloatParamType)
NO_NUMBERS = ["nan", "-nan", "inf", "-inf", "x", "", "1e400", "9" * 5000, "-1", "0x10"]


def command_at(path):
    """Return the command that some words call."""
    command = main.cookoff
    for name in path:
        command = command.get_command(click.Context(command), name)
    return command


# Every option of every command, with the words that call the command.
OPTIONS = [
    (tuple(context.command_path.split()[1:]), parameter)
    for context in list_contexts(main.cookoff, "cookoff")
    for parameter in context.command.params
    if isinstance(parameter, click.Option)
]
NUMERIC = [(path, option) for path, option in OPTIONS if isinstance(option.type, NUMBERS)]
RENAMED = [(path, option) for path, option in OPTIONS if isinstance(option, RenamedOption)]


@pytest.fixture
def usage_error(monkeypatch, capsys):
    """Return a function that runs a command line, and returns its usage error of one line."""

    def run(*line):
        monkeypatch.setattr(sys, "argv", ["cookoff", *line])
        with pytest.raises(SystemExit) as raised:
            main.main()
        output = capsys.readouterr()
        assert (raised.value.code, output.out) == (2, ""), output
        assert output.err.count("\n") == 1
        return output.err

    return run


def test_the_numeric_options_are_listed():
    assert {" ".join((*path, option.opts[0])) for path, option in NUMERIC} >= {
        "serve --port", "switch --port", "database scale --dishes", "load --rate",
        "load --peak-fraction", "load --seconds", "cost --sensitivity", "cost --repetitions",
        "cost --seed", "compare --launches", "differential --steps",
    }  # fmt: skip


def name_of(value):
    return " ".join([*value[0], value[1].opts[0]])


@pytest.mark.parametrize("case", NUMERIC, ids=map(name_of, NUMERIC))
def test_every_error_of_a_number_names_the_range(usage_error, case, monkeypatch):
    path, option = case
    monkeypatch.setattr(command_at(path), "callback", lambda **_: pytest.fail("the command ran"))
    assert isinstance(option.type, WholeNumber | FiniteNumber)
    low, high = option.type.min, option.type.max
    for value in [*NO_NUMBERS, str(low - 1), str(high + 1)]:
        error = usage_error(*path, f"{option.opts[0]}={value}")
        assert f"Invalid value for '{option.opts[0]}'" in error
        assert f" from {low:g} to " in error
        assert value[:8] in error
        assert len(error) < 250
    for value in (low, high, option.default):
        if isinstance(value, int | float):
            assert option.type.convert(str(value), option, None) == value


@pytest.mark.parametrize("case", RENAMED, ids=map(name_of, RENAMED))
def test_a_former_name_of_an_option_sets_the_same_value(case, capsys):
    path, option = case
    values = ["7"] if isinstance(option.type, WholeNumber) else ["0.5"]
    values = ["5"] if option.opts[0] == "--sensitivity" else values
    values = [] if option.is_flag else values
    [former] = option.former.opts
    parsed = []
    for name in (former, option.opts[0]):
        context = click.Context(command_at(path))
        context.command.parse_args(context, [name, *values])
        parsed.append(context.params)
        assert (
            f"the option {former} is now called {option.opts[0]}" in capsys.readouterr().err
        ) is (name == former)
    assert parsed[0] == parsed[1]
    assert parsed[0][option.name] not in (None, False, option.default)
    names, _ = option.get_help_record(context)
    assert former not in names.split()


def test_a_former_name_has_the_new_name_in_its_error(capsys, monkeypatch):
    command = command_at(["cost"])
    monkeypatch.setattr(command, "callback", lambda **_: pytest.fail("the command ran"))
    monkeypatch.setattr(sys, "argv", ["cookoff", "cost", "--planted", "200"])
    with pytest.raises(SystemExit):
        main.main()
    assert "Invalid value for '--sensitivity': '200' is not a number" in capsys.readouterr().err


@pytest.mark.parametrize(
    "value",
    [
        "foo", "127.0.0.1:8000", "http://", "http:///menu", "ftp://127.0.0.1", "https://127.0.0.1",
        "http://127.0.0.1:99999", "http://127.0.0.1:x", "http://127.0.0.1:0", "http://[::1",
        "http://127.0.0.1/menu", "http://127.0.0.1?x=1", "http://ada@127.0.0.1", "http://a b", "",
    ],
)  # fmt: skip
def test_an_invalid_address_is_a_usage_error(usage_error, value):
    error = usage_error("contract", "--url", value)
    assert f"Invalid value for '--url': {value!r} is not an address such as http://" in error


@pytest.mark.parametrize("value", ["http://127.0.0.1:9000", "http://[::1]:8000/", "http://pan"])
def test_an_address_is_not_changed(value):
    option = next(option for _, option in OPTIONS if "--url" in option.opts)
    assert option.type.convert(value, option, None) == value


@pytest.mark.parametrize("value", ["plain", "plain:", ":app", "a b:app", "plain:app()", ""])
def test_an_invalid_callable_name_is_a_usage_error(usage_error, value):
    assert "such as package.module:callable" in usage_error("contract", "--app", value)


def test_a_missing_file_is_named(usage_error, tmp_path):
    missing = str(tmp_path / "old.json")
    assert f"File '{missing}' does not exist" in usage_error("behaviour", "--diff", missing)
    assert f"File '{missing}' does not exist" in usage_error("cost", "--diff", missing, missing)


def test_a_page_that_cannot_be_written_is_a_usage_error(usage_error, tmp_path):
    line = ("side-by-side", "show-the-menu", "flask", "--html")
    missing = tmp_path / "no"
    expected = f"cannot write a.html: the folder {missing} does not exist"
    assert expected in usage_error(*line, str(missing / "a.html"))
    assert "is a directory" in usage_error(*line, str(tmp_path))


@pytest.mark.parametrize(
    "line",
    [
        "contract --feature show-the-mneu",
        "trace show-the-mneu flask",
        "side-by-side show-the-mneu flask",
    ],
)
def test_the_error_for_an_unknown_feature_suggests_a_similar_one(usage_error, line):
    error = usage_error(*line.split())
    assert "'show-the-mneu'" in error
    assert "show-the-menu" in error
    assert "export-the-orders" not in error


def test_the_error_for_an_unknown_name_suggests_similar_names_or_all(usage_error):
    assert "did you mean waitress or " in usage_error("behaviour", "--channel", "waitres")
    assert "use one of: methods, " in usage_error("behaviour", "--group", "zzz")
    assert "no mutant's name contains 'zzz'" in usage_error("mutants", "-k", "zzz")


def test_a_framework_without_mutants_is_told_where_to_add_them(usage_error, monkeypatch):
    monkeypatch.setattr(mutants, "read_mutants", lambda *_: [])
    assert "no mutants; add some to apps/flask/mutants.toml" in usage_error("mutants", "flask")


def test_every_seed_of_cost_gives_a_valid_hash_seed():
    types = {option.opts[0]: option.type for path, option in NUMERIC if path == ("cost",)}
    repetitions = types["--repetitions"].max
    highest = 1000 * (types["--seed"].max + repetitions) + FULL_BUDGET.launches
    assert highest < 2**32


@pytest.mark.parametrize("option", ["--page", "--baseline"])
@pytest.mark.parametrize("command", ["cost", "load --rate 5"])
def test_an_unknown_page_or_baseline_lists_the_names(usage_error, command, option):
    error = usage_error(*command.split(), "bare", option, "soup")
    assert "'soup'" in error
    assert ("menu" if option == "--page" else "bare") in error
