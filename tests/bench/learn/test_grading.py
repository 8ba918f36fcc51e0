"""Submissions get the marks that they deserve, and a hostile one harms nothing."""

import socket

import pytest

from bench.core.paths import ROOT, Paths
from bench.frameworks.manifest import discover_frameworks
from bench.learn.grading import Servers, describe_sandbox, grade

ONLY = ["report-health", "describe-the-programs-side"]
HEALTH = 'def report_health():\n    """Report health."""\n'
ATTACK = """    import os, socket
    from pathlib import Path
    leaks = [os.getuid()] if os.getuid() == 0 else []
    for file in FILES:
        try:
            leaks.append(Path(file).read_text()[:20])
        except OSError:
            pass
    for address in (("127.0.0.1", PORT), ("127.0.0.1", 22)):
        try:
            socket.create_connection(address, 1)
            leaks.append(address)
        except OSError:
            pass
    for folder in FOLDERS:
        try:
            Path(folder, "planted").write_text("x")
            leaks.append(folder)
        except OSError:
            pass
    if leaks:
        raise RuntimeError(f"leaks: {leaks}")
"""


@pytest.fixture(scope="module")
def servers():
    """The processes with the clauses."""
    started = Servers()
    yield started
    started.close_all()


@pytest.fixture
def submission(make_copy):
    """A working copy of Flask in which every handler is written."""
    copy = make_copy("flask")
    for exercise in copy.progress.exercises:
        copy.write_exercise(exercise, solved=True)
    return copy.folder


def change(submission, old, new):
    """Change the handlers of a submission."""
    file = submission / "handlers.py"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def grade_here(submission, servers, only=ONLY):
    """Return the marks of a submission for two exercises."""
    return grade(submission, discover_frameworks(Paths().apps), servers, only)


def test_right_and_wrong_handlers_get_their_marks(submission, servers):
    change(submission, HEALTH, f"{HEALTH}    return {{}}, 204\n")
    marks = grade_here(submission, servers)
    assert (marks.passed, marks.percent, marks.error) == (["describe-the-programs-side"], 50, "")
    assert marks.failed["report-health"].startswith(
        "GET /health returned 204 No Content, expected 200."
    )


def test_a_wrong_handler_fails_no_exercise_that_needs_it(submission, servers):
    change(submission, "    return cart_page()\n", "    cart_page()\n")
    marks = grade_here(submission, servers, ["show-the-cart", "place-the-order"])
    assert marks.passed == ["place-the-order"]
    assert "show_cart returns nothing; end it with return" in marks.failed["show-the-cart"]


@pytest.fixture
def _namespaces():
    if describe_sandbox():
        pytest.skip("the kernel allows no namespaces")


@pytest.mark.usefixtures("_namespaces")
def test_a_hostile_submission_sees_and_changes_nothing(submission, servers, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "solution.py").write_text("secret")
    files = [str(other / "solution.py"), f"{ROOT}/apps/flask/handlers.py", "/etc/shadow"]
    folders = [str(ROOT), str(ROOT / "bench"), "/usr"]
    attack = ATTACK.replace("FILES", repr(files)).replace("FOLDERS", repr(folders))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        change(submission, HEALTH, HEALTH + attack.replace("PORT", str(port)))
        marks = grade_here(submission, servers)
    assert marks.failed == {}
    assert sorted(marks.passed) == sorted(ONLY)


@pytest.mark.usefixtures("_namespaces")
def test_a_submission_that_forks_without_end_is_ended(submission, servers):
    change(submission, HEALTH, f"{HEALTH}    import os\n    while True:\n        os.fork()\n")
    marks = grade_here(submission, servers)
    assert "report-health" in marks.failed
    assert "report-health" not in marks.passed


def test_a_folder_that_is_no_working_copy_is_named(servers, tmp_path):
    marks = grade_here(tmp_path, servers)
    assert marks.error == f"{tmp_path} is no working copy; run: cookoff learn flask"
