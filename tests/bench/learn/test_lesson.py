"""A learner's mistake gives one helpful sentence, and a written handler moves on."""

import re
import shutil

import pytest

from bench.core.errors import UsageError
from bench.core.paths import Paths
from bench.frameworks import environments
from bench.learn import lesson
from bench.learn.clause_server import ClauseServer
from bench.learn.copying import create_whole_copy
from tests.bench.learn.conftest import FRAMEWORKS

MENU = 'render_template("menu.html", sections=g.larder.dishes.menu())'
STUB = "raise NotImplementedError"
SOLUTION = f"""response = make_response({MENU})
    response.add_etag()
    return response.make_conditional(request)"""


@pytest.fixture(scope="module")
def server():
    """The process with the clauses of Flask."""
    with ClauseServer("flask") as started:
        yield started


@pytest.fixture
def copy(make_copy):
    """A working copy of Flask."""
    return make_copy("flask")


def write_menu(copy, body, before=STUB):
    """Replace the body of the first handler."""
    file = copy.folder / "handlers.py"
    text = file.read_text("utf-8")
    start = text.index('"""Show the menu."""')
    file.write_text(text[:start] + text[start:].replace(before, body, 1), "utf-8")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        pytest.param(STUB, "show_menu is still blank: replace its last line", id="blank"),
        pytest.param(
            "return (", r"handlers.py, line \d+ is not valid Python \('\(' was never closed\)",
            id="syntax error",
        ),
        pytest.param(
            f"return {MENU}, 201", "GET / returned 201 Created, expected 200.", id="wrong status"
        ),
        pytest.param(
            MENU, "show_menu returns nothing; end it with return and the reply", id="no return"
        ),
        pytest.param(
            f"print({MENU})", "show_menu prints its result; write return in place of print",
            id="print",
        ),
        pytest.param(
            f"retrun = {MENU}\n    return retun",
            r"show_menu raised NameError: name 'retun' is not defined.*\(handlers.py, line \d+\)",
            id="a misspelled name",
        ),
        pytest.param(
            "while True: pass",
            r"GET / was not answered within \S+ s, .* a loop that never ends in show_menu "
            r"\(handlers.py, line \d+\)",
            id="infinite loop",
        ),
    ],
)  # fmt: skip
def test_a_mistake_gives_one_sentence(copy, server, body, sentence):
    write_menu(copy, body)
    verdict = lesson.check(copy, server)
    assert not verdict.passed
    assert re.search(sentence, verdict.sentence), verdict.sentence
    assert "Traceback" not in verdict.sentence
    assert "\n" not in verdict.sentence


LAYOUT = 'self._pages.get_template("menu.html").render(req.context.session.on_page())'
# By framework: the code that makes the page, and what a handler without a reply is told.
REPLIES = {
    "django": (
        'render(request, "menu.html", {"sections": larder.dishes.menu()})',
        "show_menu returns nothing; end it with return and the reply",
        "show_menu prints its result; write return in place of print",
    ),
    "falcon": (
        LAYOUT,
        "Menu.on_get sets nothing of the reply; set resp.content_type and resp.text",
        "Menu.on_get prints its result; set resp.content_type and resp.text in place of print",
    ),
    "web2py": (
        'response.render("default/show_menu.html", sections=larder.dishes.menu())',
        "show_menu returns nothing; end it with return and the reply",
        "show_menu prints its result; write return in place of print",
    ),
}


@pytest.mark.parametrize("name", REPLIES)
def test_a_mistake_gives_one_sentence_in_each_manner_of_replying(make_copy, name):
    page, forgotten, printed = REPLIES[name]
    copy = make_copy(name)
    environments.ensure_environment(copy.original, Paths.from_environ())
    (handler,) = [each for each in copy.parse().handlers if each.feature.id == "show-the-menu"]
    blank = handler.file.read_text("utf-8")
    with ClauseServer(name) as server:
        for body, sentence in (
            (page, forgotten),
            (f"print({page})", printed),
            ("while True: pass", "look for a loop that never ends in"),
        ):
            handler.file.write_text(blank.replace(STUB, body, 1), "utf-8")
            verdict = lesson.check(copy, server)
            assert sentence in verdict.sentence, verdict.sentence
            assert "\n" not in verdict.sentence


def test_a_handler_that_sleeps_for_ever_is_told_from_a_busy_machine(copy, server):
    write_menu(copy, "import time\n    while True: time.sleep(0.05)")
    assert "a loop that never ends in show_menu" in lesson.check(copy, server).sentence


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("page = None\n    return page", "Flask raised TypeError: The view function for"),
        ('return "Hello"', "After GET / (200 OK), the page / has no element 'a.brand'."),
        (
            "import os\n    os._exit(1)",
            "show_menu ends the program; end the handler with the reply",
        ),
    ],
    ids=["nothing", "another page", "end"],
)
def test_a_reply_that_is_no_page_is_explained(copy, server, body, sentence):
    write_menu(copy, body)
    assert sentence in lesson.check(copy, server).sentence


def test_a_mistake_outside_of_the_handlers_gives_one_sentence(copy, server):
    write_menu(copy, f"return {MENU}")
    file = copy.folder / "handlers.py"
    file.write_text(f"{file.read_text('utf-8')}\nimport flaks\n", "utf-8")
    verdict = lesson.check(copy, server)
    line = file.read_text("utf-8").count("\n")
    assert verdict.sentence == (
        f"The site does not start: ModuleNotFoundError: No module named 'flaks' "
        f"(handlers.py, line {line})."
    )


def test_a_loop_outside_of_the_handlers_is_stopped_and_named(copy, server):
    write_menu(copy, f"return {MENU}")
    file = copy.folder / "handlers.py"
    file.write_text(f"{file.read_text('utf-8')}\nwhile True:\n    pass\n", "utf-8")
    sentence = lesson.check(copy, server).sentence
    assert re.fullmatch(
        r"The site did not start and was stopped: look for a loop that never ends at "
        r"handlers.py, line \d+.",
        sentence,
    ), sentence


def test_a_deleted_handler_is_named(copy, server):
    file = copy.folder / "handlers.py"
    file.write_text(file.read_text("utf-8").replace('"""Show the cart."""', '"""Mine."""'), "utf-8")
    assert lesson.check(copy, server).sentence == (
        'handlers.py no longer has show_cart with the docstring "Show the cart."; undo the change, '
        "or start that handler again: cookoff learn flask --reset show-the-cart."
    )


def test_a_written_handler_moves_on_and_its_other_clauses_wait(copy, server):
    write_menu(copy, SOLUTION)
    verdict = lesson.check(copy, server)
    assert verdict.passed, verdict.sentence
    assert lesson.record(copy, verdict) == "search-the-dishes"
    # The clause puts a dish in the cart, by a form of the dish's page or else of the sign-in page.
    waiting = copy.progress.waiting["the menu counts the portions in the cart"]
    assert "show-the-sign-in-form" in waiting
    assert set(waiting) <= {"show-one-dish", "show-the-sign-in-form"}
    # Without a tag, a clause fails although the page is right.
    write_menu(copy, f"return {MENU}", SOLUTION)
    copy.progress.done.clear()
    assert not lesson.check(copy, server).passed


def test_clauses_that_waited_run_when_their_exercise_is_written(copy, server):
    clause = "the menu counts the portions in the cart"
    copy.progress.done += copy.progress.exercises[:4]
    copy.progress.waiting[clause] = ["put-a-dish-in-the-cart"]
    for exercise in copy.progress.exercises[1:5]:
        copy.write_exercise(exercise, solved=True)
    write_menu(copy, f"return {MENU.replace('menu.html', 'about.html')}")
    verdict = lesson.check(copy, server)
    assert (verdict.exercise, verdict.clause) == ("put-a-dish-in-the-cart", clause)


def test_a_whole_site_is_written_from_an_app_that_answers_501(tmp_path, server):
    flask = FRAMEWORKS["flask"]
    copy = create_whole_copy(tmp_path / "whole", flask)
    assert copy.progress.exercises[:2] == ["show-the-menu", lesson.LAST]
    assert lesson.check(copy, server).sentence == (
        "GET / returned 501 Not Implemented, expected 200."
    )
    with pytest.raises(UsageError, match="start again: cookoff learn flask --whole --reset all"):
        copy.reset("show-the-menu")
    for file in flask.code_files:
        shutil.copyfile(file, copy.folder / file.name)
    verdict = lesson.check(copy, server)
    assert verdict.passed, verdict.sentence
    assert verdict.passed_clauses > 20


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_whole_site_begins_with_templates_and_stubs(tmp_path, name):
    copy = create_whole_copy(tmp_path / name, FRAMEWORKS[name])
    code = [file.name for file in copy.framework.code_files]
    assert code == ["app.py", "handlers.py", "hardening.py", "problems.py"]
    assert ("jinja2" in (copy.folder / "app.py").read_text("utf-8")) is (
        copy.folder / "pages"
    ).exists()


def test_the_error_page_becomes_blank_with_its_own_exercise(copy):
    copy.progress.done += copy.progress.exercises[:-1]
    assert lesson.move_on(copy) == lesson.LAST
    assert lesson.LAST in copy.list_missing(copy.parse())
