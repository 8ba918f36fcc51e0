"""Declared provisions are verified by lines that ran; false declarations are reported."""

import shutil
from dataclasses import replace

import msgspec
import pytest

from bench.analysis.handlers import ParsedSite
from bench.analysis.provision_evidence import injected_names
from bench.analysis.provisions import declared_provisions, verified_provisions
from bench.core.paths import ROOT
from bench.frameworks.manifest import NEEDS, Provision, discover_frameworks
from bench.frameworks.packages import Package
from bench.results import schema
from bench.results.schema import CoveredLines

FRAMEWORKS = discover_frameworks(ROOT / "apps").frameworks
APP = """
from pan import route


@route("/cart")
def cart(request):
    return request.cart


class Guard:
    def check(self):
        return True
"""
RAN = CoveredLines(
    features={"show-the-cart": {"tiny/app.py": "7"}, "write-a-review": {"tiny/app.py": "12"}},
    startup={},
    unexecuted={},
)
PACKAGES = [
    Package("pan", "1", 5, "MIT", frozenset({"pan"})),
    Package("lid", "1", 5, "MIT", frozenset({"lid"})),
]


@pytest.fixture
def verify(add_app):
    """Return a function that verifies one declaration and returns provisions and errors."""

    def verify(need, provider, *code, names=(), at_start=(), app=APP, ran=RAN):
        provisions = {need: Provision(provider, code, names, at_start)}
        framework = replace(add_app("tiny", app=app), provisions=provisions)
        pan = framework.folder.parent / "pan.py"
        pan.write_text("class Request:\n    cart = {}\n")
        packages = [replace(PACKAGES[0], python_files=(pan,)), PACKAGES[1]]
        return verified_provisions(framework, ParsedSite(framework), packages, ran)

    return verify


@pytest.mark.parametrize("name", ["pan.route", "pan", ".cart"])
def test_a_provision_is_verified_by_a_name_on_a_line_that_ran(verify, name):
    assert verify("sessions", "framework", names=(name,)) == (
        {"sessions": schema.Provision("framework", 0, [])},
        [],
    )


NO_NAMES = "no names of the framework are declared; add them to names or to at_start"
NOT_EXECUTED = "no line that ran for show-the-cart has the name "


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        pytest.param((), NO_NAMES, id="no name"),
        pytest.param(("pan.session",), f"{NOT_EXECUTED}pan.session", id="another name"),
        pytest.param(("pan.route", "pan.fry"), f"{NOT_EXECUTED}pan.fry", id="one of two"),
        pytest.param(("pan.rou",), f"{NOT_EXECUTED}pan.rou", id="half a name"),
        pytest.param(("lid.route",), f"{NOT_EXECUTED}lid.route", id="name of another package"),
        pytest.param((".check",), f"{NOT_EXECUTED}.check", id="an attribute elsewhere"),
        pytest.param((".lid",), f"{NOT_EXECUTED}.lid", id="unknown attribute"),
    ],
)
def test_a_provision_without_an_executed_name_is_false(verify, names, reason):
    assert verify("sessions", "framework", names=names) == ({}, [f"brings.sessions: {reason}"])


def test_an_attribute_must_be_defined_by_the_framework(verify):
    app = APP.replace("request.cart", "request.basket")
    provisions, errors = verify("sessions", "framework", names=(".basket",), app=app)
    assert provisions == {}
    assert errors == ["brings.sessions: no file of the framework defines .basket"]


def test_code_written_for_a_need_is_found_and_counted(verify):
    provisions, errors = verify("csrf", "hand", "app.py:Guard")
    assert not errors
    assert provisions["csrf"].lines == 3
    assert provisions["csrf"].code[0].first_line == 10


IMPORTED = "import lid\n\nshut = lid.Lid()\n\n\ndef cart():\n    return shut\n"
INCLUDED = 'from pan import include\n\ninclude("lid.shut")\n\n\ndef cart():\n    return 1\n'
AT_THE_START = msgspec.structs.replace(RAN, startup={"tiny/app.py": "1,3,6"})


@pytest.mark.parametrize("app", [IMPORTED, INCLUDED], ids=["name", "string"])
def test_an_addon_is_verified_by_a_line_that_ran_at_the_start(verify, app):
    provisions, errors = verify("csrf", "lid", app=app, ran=AT_THE_START)
    assert (list(provisions), errors) == (["csrf"], [])


@pytest.mark.parametrize("app", [IMPORTED, INCLUDED], ids=["name", "string"])
def test_an_addon_is_not_verified_by_a_line_that_never_ran(verify, app):
    ran = msgspec.structs.replace(RAN, startup={"tiny/app.py": "1,6"})
    provisions, errors = verify("csrf", "lid", app=app, ran=ran)
    assert provisions == {}
    assert errors == [
        "brings.csrf: no line that ran for write-a-review or at the start has a name of the add-on"
    ]


@pytest.mark.parametrize(
    "app",
    [IMPORTED.replace("lid", "pan"), INCLUDED.replace("lid", "pan")],
    ids=["name", "string"],
)
def test_the_framework_is_not_verified_by_a_line_that_ran_at_the_start(verify, app):
    provisions, errors = verify("csrf", "framework", names=("pan",), app=app, ran=AT_THE_START)
    assert provisions == {}
    assert errors == ["brings.csrf: no line that ran for write-a-review has the name pan"]


STARTED = pytest.mark.parametrize(
    ("app", "name"),
    [
        pytest.param(IMPORTED.replace("lid", "pan"), "pan.Lid", id="name"),
        pytest.param(INCLUDED.replace("lid", "pan"), "pan.shut", id="string"),
        pytest.param(IMPORTED.replace("lid.Lid()", "make().cart"), ".cart", id="attribute"),
        pytest.param(
            IMPORTED.replace("lid.Lid()", "['tools.cart.on']"), "tools.cart", id="setting"
        ),
    ],
)


@STARTED
def test_a_name_at_start_is_verified_by_a_line_that_ran_at_the_start(verify, app, name):
    provisions, errors = verify("csrf", "framework", at_start=(name,), app=app, ran=AT_THE_START)
    assert (list(provisions), errors) == (["csrf"], [])


@STARTED
def test_a_name_at_start_is_not_verified_by_a_line_that_ran_for_the_feature(verify, app, name):
    ran = msgspec.structs.replace(RAN, features={"write-a-review": {"tiny/app.py": "1-9"}})
    provisions, errors = verify("csrf", "framework", at_start=(name,), app=app, ran=ran)
    assert provisions == {}
    assert errors == [f"brings.csrf: no line that ran at the start has the name {name}"]


def test_a_setting_must_be_defined_by_the_framework(verify):
    app = IMPORTED.replace("lid.Lid()", "['tools.pot.on']")
    _, errors = verify("csrf", "framework", at_start=("tools.pot",), app=app, ran=AT_THE_START)
    assert errors == ["brings.csrf: no line that ran at the start has the name tools.pot"]


def test_names_and_names_at_start_must_both_be_found(verify):
    app = IMPORTED.replace("lid", "pan")
    both = {"names": ("pan.fry",), "at_start": ("pan.Lid",)}
    _, errors = verify("csrf", "framework", **both, app=app, ran=AT_THE_START)
    assert errors == ["brings.csrf: no line that ran for write-a-review has the name pan.fry"]


PROBLEMS = '''
STATUSES = {
    "gone": 404,
    "late": 409,
}


def explain(error):
    """Show what went wrong."""
    return STATUSES[error]


class Forgery(Exception):
    status = 403
'''


def test_a_line_is_counted_for_one_need_and_a_handler_for_no_need(add_app):
    declared = {
        "errors": Provision("hand", ("app.py",)),
        "csrf": Provision("hand", ("app.py:Forgery",)),
        "json": Provision("hand", ("app.py:STATUSES",)),
    }
    framework = replace(add_app("tiny", app=PROBLEMS), provisions=declared)
    provisions, errors = declared_provisions(framework, ParsedSite(framework))
    assert not errors
    assert {need: provision.lines for need, provision in provisions.items()} == {
        "errors": 0,
        "csrf": 2,
        "json": 3,
    }


def test_code_that_serves_two_needs_is_counted_for_both(add_app):
    declared = {need: Provision("hand", ("app.py:Forgery",)) for need in ("errors", "csrf")}
    framework = replace(add_app("tiny", app=PROBLEMS), provisions=declared)
    provisions, _ = declared_provisions(framework, ParsedSite(framework))
    assert [provision.lines for provision in provisions.values()] == [2, 2]


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_every_framework_declares_a_provision_for_each_need(name):
    missing = [need for need in NEEDS if need not in FRAMEWORKS[name].provisions]
    assert not missing, (
        f"apps/{name}/framework.toml has no provision for {', '.join(missing)}: add a table"
        f" [brings.{missing[0]}] with by and code, see bench/analysis/provisions.py"
    )


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(("flask.session",), [], id="true"),
        pytest.param(
            ("flask.login_manager",),
            [f"brings.sessions: {NOT_EXECUTED}flask.login_manager"],
            id="false",
        ),
    ],
)
def test_a_false_declaration_in_a_copy_of_an_app_is_reported(places, names, expected):
    folder = shutil.copytree(ROOT / "apps" / "flask", places.apps / "flask")
    copy = discover_frameworks(places.apps).frameworks["flask"]
    declared = {"sessions": Provision("framework", (), names)}
    copy = replace(copy, folder=folder, provisions=declared)
    site = ParsedSite(copy)
    # As if every line had run for the cart.
    all_lines = {
        site.display_path(file): f"1-{text.count(chr(10))}" for file, text in site.texts.items()
    }
    ran = CoveredLines({"show-the-cart": all_lines}, {}, {})
    flask = Package("Flask", "3", 5, "BSD", frozenset({"flask", "werkzeug"}))
    assert verified_provisions(copy, site, [flask], ran)[1] == expected


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_every_provision_of_a_framework_declares_names(name):
    nameless = [
        need
        for need, provision in FRAMEWORKS[name].provisions.items()
        if provision.provider == "framework" and not (provision.names or provision.at_start)
    ]
    assert not nameless, (
        f"apps/{name}/framework.toml: add names or at_start to {nameless}, "
        "see provision_evidence.py"
    )


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_the_declared_code_of_every_framework_exists(name):
    _, errors = declared_provisions(FRAMEWORKS[name], ParsedSite(FRAMEWORKS[name]))
    assert not errors, f"apps/{name}/framework.toml: correct the declared code: {errors}"


@pytest.mark.parametrize(
    ("need", "provider", "code", "reason"),
    [
        pytest.param("csrf", "lid", (), "no line that ran for write-a-review", id="unused add-on"),
        pytest.param("csrf", "pot", (), "pot is not one of the framework's", id="not installed"),
        pytest.param(
            "csrf", "hand", ("app.py:Nobody",), "app.py does not define Nobody", id="name"
        ),
        pytest.param("csrf", "hand", ("nothing.py",), "nothing.py does not exist", id="file"),
    ],
)
def test_a_false_declaration_is_reported(verify, need, provider, code, reason):
    provisions, errors = verify(need, provider, *code)
    assert provisions == {}
    assert len(errors) == 1
    assert errors[0].startswith(f"brings.{need}: {reason}")


def test_undefined_names_are_injected_by_the_framework(add_app):
    code = "def cart(larder):\n    return render(larder, str(1))\n"
    framework = add_app("tiny", app=code)
    assert injected_names(ParsedSite(framework)) == {"render"}
