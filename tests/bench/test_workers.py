"""A page is timed only while it answers rightly."""

import pytest

from bench import workers
from bench.hosting import NotStarted
from bench.workers import Broken, Page


@pytest.fixture
def start(places, add_app, order_here):
    """Return a function that starts a worker of a tiny application."""
    started = []

    def start(**code):
        framework = add_app("tiny", **code)
        started.append(workers.start(order_here(framework), places.log("worker")))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()


APP = """
def create_app(settings):
    def application(environ, start_response):
        if environ["PATH_INFO"] == "/crash":
            raise RuntimeError("it broke")
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ["wsgi.input"].read() or b"hello"]
    return application
"""


def test_a_right_page_is_timed(start):
    worker, page = start(app=APP), Page("hello", "/hello", marker=b"hello")
    worker.prepare(page)
    assert 0 < worker.slice(page, seconds=0.002, warm=1) < 1e9


def test_the_body_of_a_request_arrives_every_time(start):
    worker, page = start(app=APP), Page("echo", "/", marker=b"soup", method="POST", body=b"soup")
    worker.prepare(page)
    worker.slice(page, seconds=0.001, warm=1)
    worker.prepare(page)


@pytest.mark.parametrize("page", [Page("hello", "/", status=404), Page("hello", "/", marker=b"x")])
def test_a_wrong_reply_is_refused_by_name(start, page):
    with pytest.raises(Broken, match="tiny: hello answered 200 wrongly"):
        start(app=APP).prepare(page)


def test_a_page_that_crashes_is_told_with_its_reason(start):
    with pytest.raises(Broken, match="tiny: RuntimeError: it broke"):
        start(app=APP).prepare(Page("crash", "/crash"))


def test_an_application_that_does_not_load_is_told_with_its_reason(start):
    with pytest.raises(NotStarted, match="tiny: ModuleNotFoundError"):
        start(app="import nothing_of_the_kind")
