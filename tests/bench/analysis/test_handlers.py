"""A feature's handler is found by its docstring, in whatever form a framework has handlers."""

import textwrap

import pytest

from bench.analysis.handlers import ParsedSite
from bench.analysis.reachability import find_templates
from bench.core.errors import CookoffError
from bench.core.paths import ROOT
from bench.frameworks.features import FEATURES, FEATURES_BY_ID
from bench.frameworks.manifest import discover_frameworks

SHOW = FEATURES_BY_ID["show-the-cart"]


@pytest.fixture
def site(add_app):
    """Return a function that gives the parsed site of an app with these files."""

    def site(templates=(), **files):
        framework = add_app("tiny", **{k: textwrap.dedent(text) for k, text in files.items()})
        for name in templates:
            (framework.folder / name).write_text("<p></p>\n")
        return ParsedSite(framework)

    return site


def test_a_function_is_found_with_its_decorators(site):
    (handler,) = site(
        pages='''
        import x

        @x.get("/cart")
        @x.staff_only
        def show_cart(request):
            """Show the cart.

            More words.
            """
            return 1

        def other():
            """Show the cart, or not."""
        '''
    ).of(SHOW)
    assert (handler.name, handler.first_line, handler.last_line) == ("show_cart", 4, 11)
    assert handler.source.startswith('@x.get("/cart")\n@x.staff_only\ndef show_cart')
    assert handler.source.endswith("return 1\n")


def test_a_method_is_found_and_shown_in_its_class(site):
    (handler,) = site(
        pages='''
        @register
        class Cart(Base):
            """The cart."""

            def on_post(self, req, resp):
                """Put a dish in the cart."""

            async def on_get(self, req, resp):
                """Show the cart."""
                resp.media = 1
        '''
    ).of(SHOW)
    assert handler.name == "Cart.on_get"
    assert handler.source_in_class == (
        "@register\nclass Cart(Base):\n    ...\n\n"
        '    async def on_get(self, req, resp):\n        """Show the cart."""\n'
        "        resp.media = 1\n"
    )


def test_a_class_is_found(site):
    code = 'class Cart:\n    """Show the cart."""\n\n    x = 1\n'
    (handler,) = site(pages=code).of(SHOW)
    assert handler.source == handler.source_in_class == code


def test_a_function_inside_a_factory_is_found(site):
    code = 'def create():\n    @get\n    def show():\n        """Show the cart."""\n'
    (handler,) = site(pages=code).of(SHOW)
    assert handler.source == '    @get\n    def show():\n        """Show the cart."""\n'


def test_what_the_probes_ask_is_not_the_site(site):
    code = 'def show():\n    """Show the cart."""\n'
    assert site(defaults=code, techempower=code, many_routes=code).of(SHOW) == []


def test_code_that_cannot_be_parsed_is_named(site):
    with pytest.raises(CookoffError, match=r"pages\.py:1: "):
        site(pages="def (:\n")


@pytest.mark.parametrize(
    "code",
    [
        pytest.param('return render("cart.html", 1)', id="file"),
        pytest.param('return render("site/cart.html", 1)', id="path"),
        pytest.param('return template("cart", 1)', id="stem"),
        pytest.param("return helper()", id="helper"),
        pytest.param("return elsewhere.helper()", id="helper-of-module"),
    ],
)
def test_a_handlers_template_is_found(site, code):
    helper = 'def helper():\n    return render("cart.html")\n'
    found = site(
        templates=["cart.html", "menu.html"],
        elsewhere=helper,
        pages=f'''
        import elsewhere
        from elsewhere import helper

        def show():
            """Show the cart."""
            {code}
        ''',
    )
    assert [file.name for file in find_templates(found, SHOW)] == ["cart.html"]


def test_a_helper_of_the_class_is_followed_and_a_namesake_elsewhere_is_not(site):
    found = site(
        templates=["cart.html", "menu.html"],
        elsewhere='def Invalid():\n    render("menu.html")\n',
        pages='''
        from shared_db.errors import Invalid

        class Cart:
            def show(self):
                """Show the cart."""
                return self.page(Invalid, session["menu"])

            def page(self, why, menu):
                return render("cart.html")
        ''',
    )
    assert [file.name for file in find_templates(found, SHOW)] == ["cart.html"]


def test_a_template_of_the_handlers_own_name_is_found(site):
    code = 'class ShowCart(Page):\n    """Show the cart."""\n'
    found = site(templates=["showcart.html", "cart.html"], pages=code)
    assert [file.name for file in find_templates(found, SHOW)] == ["showcart.html"]


@pytest.mark.parametrize("name", discover_frameworks(ROOT / "apps").frameworks)
def test_every_app_has_a_handler_for_every_feature(name):
    site = ParsedSite(discover_frameworks(ROOT / "apps").get(name))
    assert [one.sentence for one in FEATURES if not site.select_handlers(one)] == []


def test_ids_tell_the_features_apart():
    assert len(FEATURES_BY_ID) == len(FEATURES) == 25
