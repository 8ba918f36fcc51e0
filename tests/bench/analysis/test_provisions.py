"""What a framework is said to bring is shown by lines that ran, or found untrue."""

import shutil
from dataclasses import replace

import pytest

from bench.analysis.handlers import ParsedSite
from bench.analysis.provision_evidence import injected_names
from bench.analysis.provisions import declared_provisions, verified_provisions
from bench.core.paths import ROOT
from bench.frameworks.manifest import NEEDS, ManifestError, Provision, discover_frameworks
from bench.frameworks.packages import Package

KITCHENS = discover_frameworks(ROOT / "apps").frameworks
APP = """
from pan import route


@route("/cart")
def cart(request):
    return request.cart


class Guard:
    def check(self):
        return True
"""
RAN = {
    "features": {"show-the-cart": {"tiny/app.py": "7"}, "write-a-review": {"tiny/app.py": "12"}},
    "start": {},
}
PACKAGES = [
    Package("pan", "1", 5, "MIT", frozenset({"pan"})),
    Package("lid", "1", 5, "MIT", frozenset({"lid"})),
]


@pytest.fixture
def told(add_app):
    """Return what is found of one need, said to be served like this."""

    def told(need, by, *code, names=(), app=APP, ran=RAN):
        brings = {need: Provision(by, code, names)}
        framework = replace(add_app("tiny", app=app), brings=brings)
        pan = framework.folder.parent / "pan.py"
        pan.write_text("class Request:\n    cart = {}\n")
        packages = [replace(PACKAGES[0], files=(pan,)), PACKAGES[1]]
        return verified_provisions(framework, ParsedSite(framework), packages, ran)

    return told


@pytest.mark.parametrize("name", ["pan.route", "pan", ".cart"])
def test_what_is_brought_is_shown_by_its_name_on_a_line_that_ran(told, name):
    assert told("sessions", "framework", names=(name,)) == (
        {"sessions": {"by": "framework", "code": [], "lines": 0}},
        [],
    )


NOT_SHOWN = "no line that ran for show-the-cart has the name "


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        pytest.param((), "it gives no names by which the framework serves it", id="no name"),
        pytest.param(("pan.session",), f"{NOT_SHOWN}pan.session", id="another name"),
        pytest.param(("pan.route", "pan.fry"), f"{NOT_SHOWN}pan.fry", id="one of two"),
        pytest.param(("pan.rou",), f"{NOT_SHOWN}pan.rou", id="half a name"),
        pytest.param(("lid.route",), f"{NOT_SHOWN}lid.route", id="a name of another"),
        pytest.param((".check",), f"{NOT_SHOWN}.check", id="an attribute elsewhere"),
        pytest.param((".lid",), f"{NOT_SHOWN}.lid", id="no attribute"),
    ],
)
def test_what_no_line_that_ran_names_is_not_brought(told, names, reason):
    assert told("sessions", "framework", names=names) == ({}, [f"brings.sessions: {reason}"])


def test_an_attribute_that_the_framework_does_not_make_is_not_its(told):
    own = APP.replace("request.cart", "request.basket")
    found, untrue = told("sessions", "framework", names=(".basket",), app=own)
    assert found == {}
    assert untrue == ["brings.sessions: no file of the framework defines .basket"]


def test_code_written_for_a_need_is_counted_and_found(told):
    found, untrue = told("csrf", "hand", "app.py:Guard")
    assert not untrue
    assert found["csrf"]["lines"] == 3
    assert found["csrf"]["code"][0]["first_line"] == 10


IMPORTED = "import lid\n\nshut = lid.Lid()\n\n\ndef cart():\n    return shut\n"
TOLD = 'from pan import include\n\ninclude("lid.shut")\n\n\ndef cart():\n    return 1\n'
AT_THE_START = RAN | {"start": {"tiny/app.py": "1,3,6"}}


@pytest.mark.parametrize("app", [IMPORTED, TOLD], ids=["name", "text"])
def test_an_addon_may_be_shown_by_a_line_that_ran_at_the_start(told, app):
    found, untrue = told("csrf", "lid", app=app, ran=AT_THE_START)
    assert (list(found), untrue) == (["csrf"], [])


@pytest.mark.parametrize("app", [IMPORTED, TOLD], ids=["name", "text"])
def test_an_addon_is_not_shown_by_a_line_that_never_ran(told, app):
    found, untrue = told("csrf", "lid", app=app, ran=RAN | {"start": {"tiny/app.py": "1,6"}})
    assert found == {}
    assert untrue == [
        "brings.csrf: no line that ran for write-a-review or at the start has a name of it"
    ]


@pytest.mark.parametrize(
    "app",
    [IMPORTED.replace("lid", "pan"), TOLD.replace("lid", "pan")],
    ids=["name", "text"],
)
def test_the_framework_is_not_shown_by_a_line_that_ran_at_the_start(told, app):
    found, untrue = told("csrf", "framework", names=("pan",), app=app, ran=AT_THE_START)
    assert found == {}
    assert untrue == ["brings.csrf: no line that ran for write-a-review has the name pan"]


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


def test_a_line_is_counted_for_one_need_and_a_handlers_for_none(add_app):
    brings = {
        "errors": Provision("hand", ("app.py",)),
        "csrf": Provision("hand", ("app.py:Forgery",)),
        "json": Provision("hand", ("app.py:STATUSES",)),
    }
    framework = replace(add_app("tiny", app=PROBLEMS), brings=brings)
    found, untrue = declared_provisions(framework, ParsedSite(framework))
    assert not untrue
    assert {need: one["lines"] for need, one in found.items()} == {
        "errors": 0,
        "csrf": 2,
        "json": 3,
    }


def test_code_that_serves_two_needs_is_counted_for_both(add_app):
    brings = {need: Provision("hand", ("app.py:Forgery",)) for need in ("errors", "csrf")}
    framework = replace(add_app("tiny", app=PROBLEMS), brings=brings)
    found, _ = declared_provisions(framework, ParsedSite(framework))
    assert [one["lines"] for one in found.values()] == [2, 2]


@pytest.mark.parametrize("name", KITCHENS)
def test_every_kitchen_says_who_serves_each_need(name):
    said = KITCHENS[name].provisions
    missing = [need for need in NEEDS if need not in said]
    assert not missing, (
        f"apps/{name}/framework.toml does not say who serves {', '.join(missing)}: add a table"
        f" [brings.{missing[0]}] with by and code, as bench/analysis/provisions.py tells"
    )


@pytest.mark.parametrize(
    ("planted", "untrue"),
    [
        pytest.param(("flask.session",), [], id="true"),
        pytest.param(
            ("flask.login_manager",),
            [f"brings.sessions: {NOT_SHOWN}flask.login_manager"],
            id="planted",
        ),
    ],
)
def test_an_untrue_declaration_in_a_copy_of_an_app_is_found(places, planted, untrue):
    folder = shutil.copytree(ROOT / "apps" / "flask", places.apps / "flask")
    copy = discover_frameworks(places.apps).frameworks["flask"]
    copy = replace(copy, folder=folder, brings={"sessions": Provision("framework", (), planted)})
    site = ParsedSite(copy)
    # As if every line of it had run for the cart.
    every = {
        site.display_path(file): f"1-{text.count(chr(10))}" for file, text in site.texts.items()
    }
    ran = {"features": {"show-the-cart": every}, "start": {}}
    flask = Package("Flask", "3", 5, "BSD", frozenset({"flask", "werkzeug"}))
    assert verified_provisions(copy, site, [flask], ran)[1] == untrue


@pytest.mark.parametrize("name", KITCHENS)
def test_every_kitchen_names_what_its_framework_serves_by(name):
    said = KITCHENS[name].provisions
    silent = [need for need, one in said.items() if one.provider == "framework" and not one.names]
    assert not silent, (
        f"apps/{name}/framework.toml: add names to {silent}, see provision_evidence.py"
    )


@pytest.mark.parametrize("name", KITCHENS)
def test_the_code_that_a_kitchen_names_is_there(name):
    _, untrue = declared_provisions(KITCHENS[name], ParsedSite(KITCHENS[name]))
    assert not untrue, f"apps/{name}/framework.toml: name the code as it is called now: {untrue}"


@pytest.mark.parametrize(
    ("need", "by", "code", "reason"),
    [
        pytest.param("csrf", "lid", (), "no line that ran for write-a-review", id="an add-on"),
        pytest.param("csrf", "pot", (), "pot is not among the packages", id="not installed"),
        pytest.param("csrf", "hand", ("app.py:Nobody",), "there is no Nobody in app.py", id="name"),
        pytest.param("csrf", "hand", ("nothing.py",), "there is no nothing.py", id="file"),
    ],
)
def test_what_does_not_hold_is_told(told, need, by, code, reason):
    found, untrue = told(need, by, *code)
    assert found == {}
    assert len(untrue) == 1
    assert untrue[0].startswith(f"brings.{need}: {reason}")


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param("[brings.cutlery]\nby = 'hand'", id="an unknown need"),
        pytest.param("[brings.csrf]\nby = ''", id="by nobody"),
        pytest.param("[brings.csrf]\nby = 'hand'\ncode = 'app.py'", id="code is no list"),
        pytest.param("[brings.csrf]\nby = 'framework'\nnames = 'pan'", id="names are no list"),
        pytest.param("[released]\n'1' = 'yesterday'", id="no day"),
    ],
)
def test_a_declaration_that_cannot_be_read_is_refused_by_name(add_app, places, facts):
    file = add_app("tiny").folder / "framework.toml"
    file.write_text(f"{file.read_text()}\n{facts}\n")
    assert discover_frameworks(places.apps).load_errors["tiny"].startswith("tiny/framework.toml: ")
    with pytest.raises(ManifestError):
        discover_frameworks(places.apps).get("tiny")


def test_names_that_no_file_makes_are_the_frameworks(add_app):
    code = "def cart(larder):\n    return render(larder, str(1))\n"
    framework = add_app("tiny", app=code)
    assert injected_names(ParsedSite(framework)) == {"render"}
