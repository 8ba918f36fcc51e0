"""The watcher reports files that were changed, added or removed, once."""

import os

from bench.runtime.file_watcher import FileWatcher


def test_each_change_is_reported_once(tmp_path):
    page, other = tmp_path / "page.html", tmp_path / "sub" / "other.py"
    other.parent.mkdir()
    for file in (page, other):
        file.write_text("a")
    watcher = FileWatcher([tmp_path])
    assert watcher.find_changes() == []
    page.write_text("ab")
    assert watcher.find_changes() == [page]
    assert watcher.find_changes() == []
    os.utime(other, ns=(1, 1))
    (tmp_path / "new.py").write_text("")
    assert watcher.find_changes() == [tmp_path / "new.py", other]
    page.unlink()
    assert watcher.find_changes() == [page]


def test_files_that_python_and_editors_write_are_ignored(tmp_path):
    watcher = FileWatcher([tmp_path])
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.cpython-311.pyc").write_bytes(b"x")
    (tmp_path / ".a.py.swp").write_bytes(b"x")
    assert watcher.find_changes() == []
