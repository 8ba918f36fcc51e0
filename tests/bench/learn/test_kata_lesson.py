"""The change request of a kata is an exercise: its clauses check the learner's copy of the app."""

import subprocess

import pytest

from bench.cli import main
from bench.conformance.katas.catalogue import select_katas
from bench.learn.kata_lesson import (
    KATA_MODULE,
    create_kata_copy,
    find_place,
    open_kata_lesson,
    split_stages,
)
from bench.learn.progress import read_progress
from tests.bench.learn.conftest import FRAMEWORKS

(TIPS,) = select_katas(["tips"])


@pytest.fixture
def lesson(tmp_path):
    """The lesson of a new working copy of Flask."""
    copy = create_kata_copy(tmp_path / "flask", FRAMEWORKS["flask"], TIPS)
    with open_kata_lesson(TIPS, copy) as opened:
        yield opened


def test_the_app_fails_a_clause_of_the_kata_and_with_the_patch_the_core_clauses_follow(lesson):
    with lesson.start_server() as server:
        verdict = lesson.check(server)
        assert verdict.sentence == (
            "After GET /cart (200 OK), the page /cart has no element 'label[for=tip]'."
        )
        patch = TIPS.folder / "flask.patch"
        folder = lesson.copy.folder
        subprocess.run(["git", "apply", "-p3", patch], cwd=folder, check=True, timeout=60)
        (folder / "templates" / "about.html").write_text("", "utf-8")  # another page is broken
        broken = lesson.check(server)
        (own, others) = split_stages(server.catalogue, TIPS)
    assert broken.sentence == "After GET /about (200 OK), the page /about has no element 'a.brand'."
    assert broken.passed_clauses == len(own)
    assert not set(TIPS.replaced) & {*own, *others}
    assert {each.id for each in server.catalogue if each.module == KATA_MODULE} == {*own}


def test_hints_lead_from_the_files_over_a_known_framework_to_the_patch(lesson):
    lines = [hint.line for hint in lesson.build_hints(FRAMEWORKS["django"])]
    assert lines == [
        "Change templates/cart.html, templates/order.html.",
        "The same in Django:",
        "The solution:",
    ]


def test_a_file_of_the_shared_pages_is_in_the_folder_of_pages():
    assert find_place("apps/pages/menu.html") == "pages/menu.html"
    assert find_place("apps/flask/templates/menu.html") == "templates/menu.html"


def test_a_working_copy_has_the_request_and_the_shared_change(lesson):
    folder = lesson.copy.folder
    assert TIPS.request in (folder / "request.md").read_text("utf-8")
    assert (folder / "shared.patch").read_text("utf-8") == TIPS.shared
    assert read_progress(folder).current == "tips"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--skip"], "--skip does not go with --kata; remove one of the two"),
        (["--only", "show-the-menu"], "--only does not go with --kata"),
        (["--reset"], "--reset does not go with --kata"),
    ],
    ids=["skip", "only", "reset"],
)
def test_a_kata_has_one_exercise(monkeypatch, capsys, options, message):
    monkeypatch.setattr("sys.argv", ["cookoff", "learn", "flask", "--kata", "tips", *options])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_a_copy_of_a_kata_is_not_opened_as_exercises(monkeypatch, capsys, lesson):
    line = ["cookoff", "learn", "flask", "--folder", str(lesson.copy.folder), "--list"]
    monkeypatch.setattr("sys.argv", line)
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 2
    assert "open it by: cookoff learn flask --kata tips --folder" in capsys.readouterr().err
