"""Executed lines are recorded by feature, also for concurrent requests."""

import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.analysis import line_coverage
from bench.analysis.handlers import ParsedSite
from bench.frameworks.features import FEATURES, find_feature_id
from bench.runtime.host import running_host

APP = '''
def create_app(settings):
    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return menu() if environ["PATH_INFO"] == "/" else cart()
    return application


def menu():
    """Show the menu."""
    yield b"soup, "
    yield b"bread"


def cart():
    """Show the cart."""
    return [b"nothing"]


def nobody_calls_this():
    return None
'''


@pytest.fixture
def run_requests(add_app, order_here, places):
    """Return a function that sends requests to a small app and returns the coverage summary."""

    def run_requests(*paths, app=APP):
        framework = add_app("tiny", app=app)
        record = places.state / "tiny-1.coverage"
        spec = order_here(framework, coverage_file=str(record))
        with (
            running_host(spec, places.prepare_log_path("host")) as host,
            ThreadPoolExecutor(4) as pool,
        ):
            replies = list(pool.map(lambda path: fetch(host.url + path), paths))
        assert len(replies) == len(paths)
        return line_coverage.summarize_coverage(
            ParsedSite(framework), line_coverage.find_records(framework, places.state)
        )

    return run_requests


def fetch(url):
    with urllib.request.urlopen(url, timeout=20) as reply:
        return reply.read()


def test_a_line_belongs_to_the_feature_that_ran_it(run_requests):
    features = run_requests(*["/", "/cart"] * 20).features
    assert line_coverage.parse_ranges(features["show-the-menu"]["tiny/app.py"]) == {4, 5, 11, 12}
    assert line_coverage.parse_ranges(features["show-the-cart"]["tiny/app.py"]) == {4, 5, 17}
    assert features["sign-in"] == {}


def test_lines_before_the_first_request_belong_to_the_start(run_requests):
    summary = run_requests("/", "/cart")
    assert line_coverage.parse_ranges(summary.startup["tiny/app.py"]) == {2, 3, 6, 9, 15, 20}


def test_lines_that_never_ran_are_unexecuted(run_requests):
    assert run_requests("/", "/cart").unexecuted == {"tiny/app.py": "21"}


def test_an_unknown_path_belongs_to_the_error_feature(run_requests):
    features = run_requests("/nowhere").features
    assert [name for name, lines in features.items() if lines] == ["show-what-went-wrong"]


def test_without_a_coverage_file_no_line_ran(add_app, places):
    framework = add_app("tiny", app=APP)
    summary = line_coverage.summarize_coverage(
        ParsedSite(framework), line_coverage.find_records(framework, places.state)
    )
    assert {11, 12, 17, 21} <= line_coverage.parse_ranges(summary.unexecuted["tiny/app.py"])


@pytest.mark.parametrize("lines", [set(), {1}, {1, 2, 3}, {1, 3, 4, 9}])
def test_line_numbers_survive_formatting_as_ranges(lines):
    assert line_coverage.parse_ranges(line_coverage.format_ranges(lines)) == lines


@pytest.mark.parametrize(
    ("method", "path", "feature"),
    [
        ("GET", "/", "show-the-menu"),
        ("HEAD", "/dishes", "search-the-dishes"),
        ("POST", "/kitchen/dishes/7/photo", "change-a-dishs-photo"),
        ("GET", "/api/openapi.json", "describe-the-programs-side"),
        ("GET", "/static/dishes/soup.svg", "serve-a-static-file"),
        ("GET", "/dishes/7/reviews", "show-what-went-wrong"),
        ("DELETE", "/", "show-what-went-wrong"),
    ],
)
def test_a_request_belongs_to_one_feature(method, path, feature):
    assert find_feature_id(method, path) == feature


def test_the_request_of_every_feature_belongs_to_the_feature():
    for feature in FEATURES[:-1]:
        method, _, address = feature.request.partition(" ")
        path = address.partition("?")[0].replace("{id}", "1").replace("{code}", "a-B")
        assert find_feature_id(method, path.replace("{name}", "x.png")) == feature.id


TEMPLATED = """
from pathlib import Path

PAGE = compile("soup = 1", str(Path(__file__).with_name("page.html")), "exec")


def create_app(settings):
    def application(environ, start_response):
        exec(PAGE)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"soup"]

    return application
"""


def test_lines_of_a_compiled_template_are_not_recorded(run_requests, places):
    assert line_coverage.parse_ranges(run_requests("/", app=TEMPLATED).startup["tiny/app.py"]) >= {
        4,
        7,
    }
    files = line_coverage.read_covered_lines(places.state.glob("*.coverage"))
    assert {file.name for file in files} == {"app.py"}
