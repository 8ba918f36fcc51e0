"""A page is timed only while it answers rightly."""

import json
import signal
import time

import pytest

from bench.agent.prepared_request import KEY_PLACEHOLDER
from bench.measure.workload import reply_checks
from bench.measure.workload import worker as workers
from bench.measure.workload.worker import Reply, Request, WorkerError
from bench.runtime.process import ProcessStartError


@pytest.fixture
def start(places, add_app, order_here):
    """Return a function that starts a worker of a tiny application."""
    started = []

    def start(**code):
        framework = add_app("tiny", **code)
        started.append(workers.start_worker(order_here(framework), places.log("worker")))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()


APP = """
import os, time
asked = []
def create_app(settings):
    def application(environ, start_response):
        path = environ["PATH_INFO"]
        asked.append(environ.get("HTTP_IDEMPOTENCY_KEY"))
        if path == "/crash":
            raise RuntimeError("it broke")
        if path == "/late":
            time.sleep(1)
        if path == "/hang":
            if os.fork() == 0:
                os.setsid()
            time.sleep(60)
        if path == "/end":
            raise SystemExit("it left")
        status = "500 Sorry" if path == "/sour" and len(asked) > 3 else "200 OK"
        start_response(status, [("Content-Type", "text/plain")])
        if path == "/asked":
            return [repr(sorted(filter(None, set(asked)))).encode()]
        return [environ["wsgi.input"].read() or b"hello"]
    return application
"""


def test_a_right_page_is_timed(start):
    worker = start(app=APP)
    worker.keep("hello", Request("/hello"), marker=b"hello")
    assert 0 < worker.slice("hello", seconds=0.002).nanoseconds < 1e9


def test_the_body_of_a_request_arrives_every_time(start):
    worker = start(app=APP)
    worker.keep("echo", Request("/", "POST", b"soup"), marker=b"soup")
    worker.slice("echo", seconds=0.001)
    assert worker.slice("echo", seconds=0.001, sample=True).sample.body == b"soup"


def test_every_call_brings_an_idempotency_key_of_its_own(start):
    worker = start(app=APP)
    request = Request(
        "/", "POST", KEY_PLACEHOLDER.encode(), {"HTTP_IDEMPOTENCY_KEY": KEY_PLACEHOLDER}
    )
    worker.keep("order", request)
    taken = worker.slice("order", seconds=0.001, sample=True)
    keys = worker.call(Request("/asked")).body.decode()
    assert KEY_PLACEHOLDER not in keys
    assert keys.count("'") // 2 == 1 + 1 + taken.count + 1  # kept, warm, timed, sampled
    assert len(taken.sample.body) == len(KEY_PLACEHOLDER)
    assert taken.sample.body != KEY_PLACEHOLDER.encode()


def test_a_page_that_turns_wrong_while_it_is_timed_is_refused_by_name(start):
    worker = start(app=APP)
    assert worker.keep("sour", Request("/sour")).status == 200
    with pytest.raises(WorkerError, match="tiny: sour answered 500 Sorry while it was timed"):
        worker.slice("sour", seconds=0.01)


def test_a_body_that_lacks_its_marker_is_refused_by_name(start):
    worker = start(app=APP)
    worker.keep("hello", Request("/hello"), marker=b"soup")
    with pytest.raises(WorkerError, match="tiny: hello answered a body that lacks"):
        worker.slice("hello", seconds=0.001)


def test_a_page_that_crashes_is_told_with_its_reason(start):
    with pytest.raises(WorkerError, match="tiny: RuntimeError: it broke"):
        start(app=APP).call(Request("/crash"))


def test_a_worker_that_leaves_is_told(start):
    with pytest.raises(WorkerError, match="tiny: the worker is gone"):
        start(app=APP).call(Request("/end"))


def test_a_worker_that_takes_too_long_is_ended_and_told(start):
    worker = start(app=APP)
    with pytest.raises(WorkerError, match=r"^tiny: no reply to 'call' within 1 s \(log: .*\)$"):
        worker.ask("call", 1, request=Request("/hang").as_dict())
    assert not worker.running
    assert list(worker.family._marked()) == []
    with pytest.raises(WorkerError, match="tiny: the worker is gone"):
        worker.call(Request("/hello"))


def test_a_late_reply_is_never_taken_for_the_next_one(start):
    """Not even where nobody ended the worker: an interrupted question leaves its reply behind."""
    worker = start(app=APP)
    late = worker.send(do="call", request=Request("/late", "POST", b"late").as_dict())
    with pytest.raises(TimeoutError):
        worker.reply(late, 0.1)
    assert worker.call(Request("/", "POST", b"next")).body == b"next"


def test_replies_that_come_at_once_are_told_apart(start):
    worker = start(app=APP)
    for body in (b"one", b"two", b"three"):
        number = worker.send(do="call", request=Request("/", "POST", body).as_dict())
    time.sleep(0.5)  # all three are in the pipe, or soon will be
    assert Reply.from_dict(worker.reply(number, 20)).body == b"three"


def test_a_worker_that_does_not_read_is_not_waited_for_forever(start):
    worker = start(app=APP)
    worker.process.send_signal(signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        worker.tell(bytes(2**20) + b"\n", 0.3)


@pytest.mark.parametrize("line", [b"soup\n", b"[]\n", b"\xff\n"])
def test_a_worker_that_talks_nonsense_is_ended_and_told(start, line):
    worker = start(app=APP)
    worker._received = line  # as if the application had found the pipe, and written to it
    with pytest.raises(WorkerError, match=r"^tiny: the reply to 'call' is no JSON"):
        worker.call(Request("/hello"))
    assert not worker.running


def test_an_application_that_does_not_load_is_told_with_its_reason(start):
    with pytest.raises(ProcessStartError, match="tiny: ModuleNotFoundError"):
        start(app="import nothing_of_the_kind")


CALLS = """
def helper():
    return len("abc")
def create_app(settings):
    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok" if helper() + helper() else b""]
    return application
"""


MARKS = [("/tiny/", "app"), ("/bench/", "server"), ("/waitress/", "server")]


@pytest.mark.parametrize("through_server", [False, True])
def test_calls_are_counted_by_layer_and_exactly(start, through_server):
    worker = start(app=CALLS)
    worker.keep("page", Request("/"))
    question = {"page": "page", "requests": 3, "marks": MARKS}
    first, second = (
        worker.ask("calls", **question, through_server=through_server) for _ in range(2)
    )
    assert first == second
    assert first["python"]["app"] == 3  # the application, and its helper twice
    assert first["builtin"]["app"] == 2
    assert (first["python"]["server"] > 20) is through_server


def reply(body, **headers):
    return Reply(200, list(headers.items()), body if isinstance(body, bytes) else body.encode())


@pytest.mark.parametrize(
    ("check", "one", "other", "alike"),
    [
        (reply_checks.same_page, reply("<p>a  b"), reply("<p>a b</p>"), True),
        (reply_checks.same_page, reply("<p>a b"), reply("<p>a c"), False),
        (reply_checks.same_json, reply('{"a": 1}'), reply('{ "a":1 }'), True),
        (reply_checks.same_json, reply('{"a": 1}'), reply('{"a": 2}'), False),
        (reply_checks.same_shape, reply('[{"id": 1}]'), reply('[{"id": 7}]'), True),
        (reply_checks.same_shape, reply('[{"id": 1}]'), reply('[{"id": "7"}]'), False),
        (reply_checks.same_shape, reply("[1]"), reply("[1, 2]"), False),
        (reply_checks.same_cells, reply("<table><td> a"), reply("<table><tr><td>a</td>"), True),
        (reply_checks.same_cells, reply("<table><td>a"), reply("<table><td>b"), False),
        (
            reply_checks.same_redirect,
            reply("", Location="http://127.0.0.1/orders/" + "a" * 20),
            reply("", location="/orders/" + "b" * 20),
            True,
        ),
        (
            reply_checks.same_redirect,
            reply("", Location="/orders"),
            reply("", Location="/login"),
            False,
        ),
        (reply_checks.same_bytes, reply(b"\0"), reply(b"\1"), False),
    ],
)
def test_a_reply_is_held_against_a_right_one(check, one, other, alike):
    assert check(one, other) is alike


def test_replies_travel_whole(start):
    said = start(app=APP).call(Request("/", "POST", bytes(range(256))))
    assert said.body == bytes(range(256))
    assert said.header("content-type") == "text/plain"
    assert said.header("nothing") == ""
    assert json.dumps(list(said.headers))
