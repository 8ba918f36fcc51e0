"""Callgrind's dumps are read phase by phase, without the worker's own instructions."""

import pytest

from bench.measure.cost.instructions import read_dumps
from bench.results.schema import InstructionCount

HEAD = "# callgrind format\nversion: 1\nevents: Ir\n\n"


def dump(total, **calls):
    """Return a dump in which `main` calls functions; a later call has only their number."""
    lines = ["fn=(1) main", "16 5"]
    for number, (name, count) in enumerate(calls.items(), start=2):
        lines += [f"cfn=({number}) {name}", f"calls={count - 1} 0", "16 7"]
        lines += [f"cfi=(9)\ncfn=({number})", "calls=1 0", "16 7"]
    return "\n".join([HEAD, *lines, "", f"totals: {total}", ""])


def write_dumps(folder, *phases):
    """Write the dumps of a run: one before all phases, then each phase and one after it."""
    between = dump(99999, _PyObject_Malloc=99999)
    dumps = [between, *(text for phase in phases for text in (phase, between))]
    for number, text in enumerate(dumps, start=1):
        (folder / f"out.{number}").write_text(text)


def test_a_request_counts_its_minimum_less_the_empty_phase(tmp_path):
    requests = [dump(n, _PyObject_Malloc=m, _PyObject_Calloc=4, malloc=77)
                for n, m in ((1500, 66), (1300, 51), (1310, 53))]  # fmt: skip
    write_dumps(tmp_path, dump(100, _PyObject_Malloc=3), *requests)
    assert read_dumps(tmp_path) == InstructionCount(1200, spread=200, allocations=51 + 4 - 3)


def test_an_interpreter_without_symbol_names_has_no_allocations(tmp_path):
    write_dumps(tmp_path, *(dump(n, malloc=9) for n in (100, 1500, 1300, 1310)))
    assert read_dumps(tmp_path).allocations is None


def test_a_run_without_dumps_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="unpack"):
        read_dumps(tmp_path)
