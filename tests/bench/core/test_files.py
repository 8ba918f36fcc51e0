"""Files are written atomically, and one process at a time reads and changes them."""

import json
import multiprocessing
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.core import files
from bench.core.files import LockError, WriteError, hold_lock, rename_damaged_file, write_file
from bench.results import store
from bench.results.schema import SCHEMA_VERSION, Results


def test_a_failed_write_leaves_the_file_unchanged_and_no_temporary_file(tmp_path, monkeypatch):
    file = tmp_path / "page.html"
    file.write_text("old")

    def fail_on_full_disk(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail_on_full_disk)
    with pytest.raises(WriteError, match=r"^[^\n]*page\.html cannot be written: .*No space left"):
        write_file(file, "new")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_write_keeps_the_permissions_and_the_link_of_a_file(tmp_path):
    file, link = tmp_path / "README.md", tmp_path / "link"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    write_file(link, b"new")
    assert (file.read_text(), link.is_symlink()) == ("new", True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_device_is_written_directly(tmp_path):
    script = "from bench.core.files import write_file; import pathlib as p; " + (
        "write_file(p.Path('/dev/stdout'), 'words')"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("words", "")


def test_the_error_for_a_locked_file_names_the_lock_and_what_to_do(tmp_path):
    lock = tmp_path / "some.lock"
    raises_error = pytest.raises(LockError, match=r"has held [^\n]*some\.lock for 0 s; wait until")
    with ThreadPoolExecutor(1) as other, hold_lock(lock), hold_lock(lock), raises_error:
        other.submit(lock_briefly, lock).result()
    lock_briefly(lock)  # released now


def lock_briefly(lock):
    """Acquire and release a lock, without waiting."""
    with hold_lock(lock, timeout_seconds=0):
        pass


def test_an_earlier_damaged_file_is_not_overwritten(tmp_path):
    file = tmp_path / "results.json"
    for text in ("first", "second", "third"):
        file.write_text(text)
        rename_damaged_file(file)
    assert not file.exists()
    contents = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert contents == {
        "results.json.damaged": "first",
        "results.json.damaged-2": "second",
        "results.json.damaged-3": "third",
    }


def increment(file, rounds, start):
    """Increment a number in a results.json `rounds` times, with a read and a write for each."""
    start.wait()
    for _ in range(rounds):
        with store.locked_results(file):
            number = store.read_earlier(file).clauses or 0
            store.update_results(Results(clauses=number + 1), file)


PARTS = (  # three parts for each process
    ("frameworks", "skipped", "startup"),
    ("calls", "calls_by_layer", "repeated_work"),
    ("scaling", "provenance", "behaviour_changes"),
    ("created_at", "cost", "clauses"),
)


def write_parts(file, parts, start):
    """Write these parts into a results.json, one after another."""
    values = {"behaviour_changes": [], "created_at": "2026", "cost": None, "clauses": 1}
    start.wait()
    for part in parts:
        store.update_results(Results(**{part: values.get(part, {})}), file)


def run_in_four_processes(work, file, inputs):
    """Run a function on a results.json in four processes at once; return the results."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(4)
    processes = [context.Process(target=work, args=(file, each, start)) for each in inputs]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return store.read_results(file)


def test_no_change_by_concurrent_processes_is_lost(tmp_path):
    results = run_in_four_processes(increment, tmp_path / "results.json", [25] * 4)
    assert results.clauses == 100


def test_no_part_written_by_concurrent_processes_is_lost(tmp_path):
    results = run_in_four_processes(write_parts, tmp_path / "results.json", PARTS)
    assert set(store.get_parts(results)) == {part for parts in PARTS for part in parts}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param('{"schema": 1, "cost"', id="cut short"),
        pytest.param("[]", id="no table"),
        pytest.param('{"schema": 0, "cost": 1}', id="older"),
        pytest.param("[" * 100_000, id="nested too deeply"),
    ],
)
def test_the_next_command_renames_unusable_results_and_reports_that(tmp_path, capsys, text):
    file = tmp_path / "results.json"
    file.write_text(text)
    (tmp_path / "results.json.damaged").write_text("an earlier file")
    store.update_results(Results(startup={}), file)
    renamed = tmp_path / "results.json.damaged-2"
    assert renamed.read_text() == text
    assert (tmp_path / "results.json.damaged").read_text() == "an earlier file"
    assert json.loads(file.read_text()) == {"startup": {}, "schema": SCHEMA_VERSION}
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert str(file) in message
    assert str(renamed) in message


def test_a_reader_never_sees_a_half_written_file(tmp_path, monkeypatch):
    file = tmp_path / "results.json"
    write_file(file, "old")
    contents = []
    monkeypatch.setattr(files.os, "fsync", lambda descriptor: contents.append(file.read_text()))
    write_file(file, "new" * 100_000)
    assert contents == ["old"]
