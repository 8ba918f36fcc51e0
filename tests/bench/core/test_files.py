"""Files are written whole or not at all, and one process at a time changes what it has read."""

import json
import multiprocessing
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.core import files
from bench.core.files import LockError, WriteError, hold_lock, rename_damaged_file, write_file
from bench.results import store


def test_a_failed_write_leaves_the_file_as_it_was_and_no_draft(tmp_path, monkeypatch):
    file = tmp_path / "page.html"
    file.write_text("old")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WriteError, match=r"^[^\n]*page\.html cannot be written: .*No space left"):
        write_file(file, "new")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_keeps_its_permissions_and_its_link(tmp_path):
    file, link = tmp_path / "README.md", tmp_path / "link"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    write_file(link, b"new")
    assert (file.read_text(), link.is_symlink()) == ("new", True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_what_cannot_be_replaced_is_written_directly(tmp_path):
    script = "from bench.core.files import write_file; import pathlib as p; " + (
        "write_file(p.Path('/dev/stdout'), 'words')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("words", "")


def test_a_lock_that_is_not_released_is_named_with_what_to_do(tmp_path):
    lock = tmp_path / "some.lock"
    refused = pytest.raises(LockError, match=r"has held [^\n]*some\.lock for 0 s; wait until")
    with ThreadPoolExecutor(1) as other, hold_lock(lock), hold_lock(lock), refused:
        other.submit(hold, lock).result()
    hold(lock)  # released now


def hold(lock):
    """Hold a lock for a moment, without waiting."""
    with hold_lock(lock, wait_seconds=0):
        pass


def test_a_file_that_was_set_aside_earlier_stays(tmp_path):
    file = tmp_path / "results.json"
    for text in ("first", "second", "third"):
        file.write_text(text)
        rename_damaged_file(file)
    assert not file.exists()
    kept = {one.name: one.read_text() for one in tmp_path.iterdir()}
    assert kept == {
        "results.json.damaged": "first",
        "results.json.damaged-2": "second",
        "results.json.damaged-3": "third",
    }


def add_one(file, rounds, start):
    """Count up in a results.json, as often as told, reading and writing by turns."""
    start.wait()
    for _ in range(rounds):
        with store.locked_results(file):
            store.update_results({"count": store.read_earlier(file).get("count", 0) + 1}, file)


def write_parts(file, rounds, start):
    """Write parts of one's own into a results.json, as often as told."""
    start.wait()
    for number in range(rounds):
        store.update_results({f"part {os.getpid()} {number}": 1}, file)


def by_four_processes(work, file):
    """Do some work on a results.json by four processes at once; return the results."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(4)
    crew = [context.Process(target=work, args=(file, 25, start)) for _ in range(4)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    return store.read_results(file)


def test_changes_by_several_processes_at_once_are_all_kept(tmp_path):
    assert by_four_processes(add_one, tmp_path / "results.json")["count"] == 100


def test_parts_that_several_processes_write_at_once_are_all_kept(tmp_path):
    assert len(by_four_processes(write_parts, tmp_path / "results.json")) == 1 + 100


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
def test_results_of_no_use_are_kept_aside_by_the_next_command_and_that_is_said(
    tmp_path, capsys, text
):
    file = tmp_path / "results.json"
    file.write_text(text)
    (tmp_path / "results.json.damaged").write_text("an earlier one")
    store.update_results({"starts": {}}, file)
    aside = tmp_path / "results.json.damaged-2"
    assert aside.read_text() == text
    assert (tmp_path / "results.json.damaged").read_text() == "an earlier one"
    assert json.loads(file.read_text()) == {"starts": {}, "schema": store.SCHEMA_VERSION}
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert str(file) in said
    assert f"; kept as {aside}" in said


def test_a_file_that_is_being_written_is_never_seen_half(tmp_path, monkeypatch):
    file = tmp_path / "results.json"
    write_file(file, "old")
    seen = []
    monkeypatch.setattr(files.os, "fsync", lambda descriptor: seen.append(file.read_text()))
    write_file(file, "new" * 100_000)
    assert seen == ["old"]
