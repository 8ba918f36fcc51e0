"""A working copy is blank, becomes the app again with the solutions, and forgives a learner."""

import pytest

from bench.frameworks.features import FEATURES
from bench.learn.exercises import HANDLERS, LAST, TEMPLATES
from bench.learn.hints import build_hints, list_names
from bench.learn.material import list_given
from bench.learn.progress import Progress, read_progress
from bench.learn.working_copy import WorkingCopy
from tests.bench.learn.conftest import FRAMEWORKS


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_all_handlers_are_blank_and_the_solutions_make_the_app_again(make_copy, name):
    copy = make_copy(name)
    assert set(copy.progress.exercises) == {feature.id for feature in FEATURES}
    assert copy.list_missing(copy.parse()) == set(copy.progress.exercises) - {LAST}
    for exercise in copy.progress.exercises:
        copy.write_exercise(exercise, solved=True)
    assert copy.list_missing(copy.parse()) == set()
    for file in copy.list_code_files():
        original = copy.original.folder / file.relative_to(copy.folder)
        assert file.read_text("utf-8") == original.read_text("utf-8")


@pytest.mark.parametrize("name", ["bare", "grok"])
def test_templates_are_blank_and_become_the_app_again(make_copy, name):
    copy = make_copy(name, TEMPLATES)
    blanks = copy.list_blank_templates()
    assert len(blanks) == len(copy.progress.exercises) - 1  # all but the error page
    for exercise in copy.progress.exercises:
        copy.write_exercise(exercise, solved=True)
    for file in blanks:
        assert copy.to_copy(file).read_text("utf-8") == file.read_text("utf-8")


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_hints_name_only_what_the_solution_uses(tmp_path, name):
    copy = WorkingCopy(tmp_path, FRAMEWORKS[name], Progress(name, HANDLERS, []))
    for feature in FEATURES:
        source = "".join(each.source for each in copy.solution.select_handlers(feature))
        names = list_names(copy, feature.id)
        assert [each for each in names if each.rpartition(".")[2] not in source] == []
        assert build_hints(copy, feature.id, None)[-1].code  # the solution


def test_hints_lead_from_names_over_a_known_framework_to_the_solution(make_copy):
    copy = make_copy("flask")
    lines = [each.line for each in build_hints(copy, "search-the-dishes", FRAMEWORKS["bottle"])]
    assert lines[0] == (
        "Look up flask.render_template: "
        "https://flask.palletsprojects.com/en/stable/search/?q=render_template"
    )
    assert lines[-2].startswith("The same in Bottle: apps/bottle/handlers.py:")
    assert lines[-1].startswith("The solution: apps/flask/handlers.py:")


@pytest.mark.parametrize(
    ("name", "used"),
    [
        ("flask", "session.token"),
        ("falcon", "req.context.session.token"),
        ("pyramid", "request.session.token"),
    ],
)
def test_the_session_of_the_app_is_given_and_not_looked_up(make_copy, name, used):
    copy = make_copy(name)
    given = {each.name: each.text for each in list_given(copy, "put-a-dish-in-the-cart")}
    assert given[used].endswith("(session.py)")
    names = list_names(copy, "put-a-dish-in-the-cart")
    assert not [each for each in names if each.endswith("token")]


def test_a_function_is_given_with_its_defaults(make_copy):
    given = [each.name for each in list_given(make_copy("flask"), "search-the-dishes")]
    assert given[0] == "g.larder.dishes.search(query, page_size=12)"


def test_one_lesson_leaves_the_other_handlers_written(make_copy):
    copy = make_copy("flask", only=["place-the-order"])
    assert copy.progress.exercises == ["place-the-order"]
    assert copy.list_missing(copy.parse()) == {"place-the-order"}


def test_a_deleted_handler_comes_back_at_its_place(make_copy):
    copy = make_copy("flask")
    file = copy.folder / "handlers.py"
    before = file.read_text("utf-8")
    start = before.index('@site.get("/cart")')
    file.write_text(before[:start] + before[before.index("def cart_page") :], "utf-8")
    copy.reset("show-the-cart")
    assert file.read_text("utf-8") == before


def test_a_reset_mends_a_file_that_is_no_python(make_copy):
    copy = make_copy("flask")
    file = copy.folder / "handlers.py"
    before = file.read_text("utf-8")
    file.write_text(before.replace("def show_menu():", "def show_menu("), "utf-8")
    copy.reset("show-the-menu")
    assert file.read_text("utf-8") == before


def test_progress_survives_and_a_reset_makes_an_exercise_current(make_copy):
    copy = make_copy("flask")
    copy.progress.done += ["show-the-menu", "search-the-dishes"]
    copy.save()
    assert read_progress(copy.folder).current == "show-one-dish"
    copy.reset("show-the-menu")
    assert read_progress(copy.folder).current == "show-the-menu"


def test_a_handler_that_is_called_by_another_comes_after_it(make_copy):
    exercises = make_copy("web2py", HANDLERS).progress.exercises
    assert exercises.index("show-the-cart") < exercises.index("put-a-dish-in-the-cart")
