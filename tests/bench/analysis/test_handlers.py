"""The handler of a feature is found by its docstring, as a function, method or class."""

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
def parse_site(add_app):
    """Return a function that parses the site of an app with these files and templates."""

    def parse(templates=(), **files):
        framework = add_app("tiny", **{name: textwrap.dedent(text) for name, text in files.items()})
        for name in templates:
            (framework.folder / name).write_text("<p></p>\n")
        return ParsedSite(framework)

    return parse


def test_a_function_is_found_with_its_decorators(parse_site):
    (handler,) = parse_site(
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
    ).select_handlers(SHOW)
    assert (handler.name, handler.first_line, handler.last_line) == ("show_cart", 4, 11)
    assert handler.source.startswith('@x.get("/cart")\n@x.staff_only\ndef show_cart')
    assert handler.source.endswith("return 1\n")


def test_a_method_is_found_and_displayed_in_its_class(parse_site):
    (handler,) = parse_site(
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
    ).select_handlers(SHOW)
    assert handler.name == "Cart.on_get"
    assert handler.source_in_class == (
        "@register\nclass Cart(Base):\n    ...\n\n"
        '    async def on_get(self, req, resp):\n        """Show the cart."""\n'
        "        resp.media = 1\n"
    )


def test_a_class_is_found(parse_site):
    code = 'class Cart:\n    """Show the cart."""\n\n    x = 1\n'
    (handler,) = parse_site(pages=code).select_handlers(SHOW)
    assert handler.source == handler.source_in_class == code


def test_a_function_inside_a_factory_is_found(parse_site):
    code = 'def create():\n    @get\n    def show():\n        """Show the cart."""\n'
    (handler,) = parse_site(pages=code).select_handlers(SHOW)
    assert handler.source == '    @get\n    def show():\n        """Show the cart."""\n'


def test_modules_of_probes_and_benchmarks_are_not_part_of_the_site(parse_site):
    code = 'def show():\n    """Show the cart."""\n'
    assert parse_site(defaults=code, techempower=code, many_routes=code).select_handlers(SHOW) == []


def test_a_syntax_error_is_reported_with_file_and_line(parse_site):
    with pytest.raises(CookoffError, match=r"pages\.py:1: "):
        parse_site(pages="def (:\n")


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
def test_a_handlers_template_is_found(parse_site, code):
    helper = 'def helper():\n    return render("cart.html")\n'
    site = parse_site(
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
    assert [file.name for file in find_templates(site, SHOW)] == ["cart.html"]


def test_methods_of_the_class_are_followed_and_functions_of_the_same_name_are_not(parse_site):
    site = parse_site(
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
    assert [file.name for file in find_templates(site, SHOW)] == ["cart.html"]


def test_a_template_of_the_handlers_own_name_is_found(parse_site):
    code = 'class ShowCart(Page):\n    """Show the cart."""\n'
    site = parse_site(templates=["showcart.html", "cart.html"], pages=code)
    assert [file.name for file in find_templates(site, SHOW)] == ["showcart.html"]


@pytest.mark.parametrize("name", discover_frameworks(ROOT / "apps").frameworks)
def test_every_app_has_a_handler_for_every_feature(name):
    site = ParsedSite(discover_frameworks(ROOT / "apps").get(name))
    assert [feature.id for feature in FEATURES if not site.select_handlers(feature)] == []


def test_every_feature_has_a_unique_id():
    assert len(FEATURES_BY_ID) == len(FEATURES) == 25
