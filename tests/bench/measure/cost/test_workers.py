"""A worker times a page only while the replies to the page are valid."""

import json
import signal
import time

import pytest

from bench.agent.prepared_request import KEY_PLACEHOLDER
from bench.measure.workload import reply_checks
from bench.measure.workload.worker import Reply, Request, WorkerError, start_worker
from bench.runtime.process import ProcessStartError


@pytest.fixture
def start_tiny(places, add_app, order_here):
    """Return a function that starts a worker of a tiny application."""
    workers = []

    def start(**code):
        framework = add_app("tiny", **code)
        log = places.prepare_log_path("worker")
        workers.append(start_worker(order_here(framework), log))
        return workers[-1]

    yield start
    for worker in workers:
        worker.kill()


APP = """
import os, time
keys = []
def create_app(settings):
    def application(environ, start_response):
        path = environ["PATH_INFO"]
        keys.append(environ.get("HTTP_IDEMPOTENCY_KEY"))
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
        status = "500 Sorry" if path == "/sour" and len(keys) > 3 else "200 OK"
        start_response(status, [("Content-Type", "text/plain")])
        if path == "/keys":
            return [repr(sorted(filter(None, set(keys)))).encode()]
        return [environ["wsgi.input"].read() or b"hello"]
    return application
"""


def test_a_valid_page_is_timed(start_tiny):
    worker = start_tiny(app=APP)
    worker.prepare_request("hello", Request("/hello"), marker=b"hello")
    assert 0 < worker.time_slice("hello", seconds=0.002).nanoseconds < 1e9


def test_each_call_sends_the_body_of_the_request(start_tiny):
    worker = start_tiny(app=APP)
    worker.prepare_request("echo", Request("/", "POST", b"soup"), marker=b"soup")
    worker.time_slice("echo", seconds=0.001)
    assert worker.time_slice("echo", seconds=0.001, sample=True).sample.body == b"soup"


def test_each_call_has_a_new_idempotency_key(start_tiny):
    worker = start_tiny(app=APP)
    request = Request(
        "/", "POST", KEY_PLACEHOLDER.encode(), {"HTTP_IDEMPOTENCY_KEY": KEY_PLACEHOLDER}
    )
    worker.prepare_request("order", request)
    timed = worker.time_slice("order", seconds=0.001, sample=True)
    keys = worker.call_once(Request("/keys")).body.decode()
    assert KEY_PLACEHOLDER not in keys
    assert keys.count("'") // 2 == 1 + 1 + timed.count + 1  # prepared, warm, timed, sampled
    assert len(timed.sample.body) == len(KEY_PLACEHOLDER)
    assert timed.sample.body != KEY_PLACEHOLDER.encode()


def test_a_wrong_status_during_timing_is_an_error_that_names_the_page(start_tiny):
    worker = start_tiny(app=APP)
    assert worker.prepare_request("sour", Request("/sour")).status == 200
    with pytest.raises(WorkerError, match=r"^tiny: sour answered 500 Sorry during timing$"):
        worker.time_slice("sour", seconds=0.01)


def test_a_body_without_its_marker_is_an_error_that_names_the_page(start_tiny):
    worker = start_tiny(app=APP)
    worker.prepare_request("hello", Request("/hello"), marker=b"soup")
    with pytest.raises(WorkerError, match=r"^tiny: hello answered a body .* during timing$"):
        worker.time_slice("hello", seconds=0.001)


def test_the_error_of_a_crash_has_its_reason(start_tiny):
    with pytest.raises(WorkerError, match="tiny: RuntimeError: it broke"):
        start_tiny(app=APP).call_once(Request("/crash"))


def test_a_worker_that_exits_is_an_error(start_tiny):
    with pytest.raises(WorkerError, match="tiny: the worker process has ended"):
        start_tiny(app=APP).call_once(Request("/end"))


def test_a_worker_that_takes_too_long_is_killed(start_tiny):
    worker = start_tiny(app=APP)
    with pytest.raises(WorkerError, match=r"^tiny: no reply to 'call' within 1 s \(log: .*\)$"):
        worker.call("call", 1, request=Request("/hang").as_dict())
    assert not worker.is_running
    assert list(worker.process_tree._marked()) == []
    with pytest.raises(WorkerError, match="tiny: the worker process has ended"):
        worker.call_once(Request("/hello"))


def test_a_late_reply_is_not_mistaken_for_the_next_reply(start_tiny):
    """The worker still runs: an interrupted command leaves its reply in the pipe."""
    worker = start_tiny(app=APP)
    number = worker.send(do="call", request=Request("/late", "POST", b"late").as_dict())
    with pytest.raises(TimeoutError):
        worker.receive_reply(number, 0.1)
    assert worker.call_once(Request("/", "POST", b"next")).body == b"next"


def test_replies_that_arrive_together_are_separated(start_tiny):
    worker = start_tiny(app=APP)
    for body in (b"one", b"two", b"three"):
        number = worker.send(do="call", request=Request("/", "POST", body).as_dict())
    time.sleep(0.5)  # all three are in the pipe, or soon will be
    assert Reply.from_dict(worker.receive_reply(number, 20)).body == b"three"


def test_sending_to_a_worker_that_does_not_read_times_out(start_tiny):
    worker = start_tiny(app=APP)
    worker.process.send_signal(signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        worker.send_line(bytes(2**20) + b"\n", 0.3)


@pytest.mark.parametrize("line", [b"soup\n", b"[]\n", b"\xff\n"])
def test_a_worker_with_an_invalid_reply_is_killed(start_tiny, line):
    worker = start_tiny(app=APP)
    worker._received = line  # as if the application had written to the pipe
    with pytest.raises(WorkerError, match=r"^tiny: the reply to 'call' is not JSON"):
        worker.call_once(Request("/hello"))
    assert not worker.is_running


def test_the_error_of_an_application_that_does_not_load_has_its_reason(start_tiny):
    with pytest.raises(ProcessStartError, match="tiny: ModuleNotFoundError"):
        start_tiny(app="import nothing_of_the_kind")


CALLS = """
def helper():
    return len("abc")
def create_app(settings):
    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok" if helper() + helper() else b""]
    return application
"""


LAYER_RULES = [("/tiny/", "app"), ("/bench/", "server"), ("/waitress/", "server")]


@pytest.mark.parametrize("through_server", [False, True])
def test_calls_are_counted_exactly_by_layer(start_tiny, through_server):
    worker = start_tiny(app=CALLS)
    worker.prepare_request("page", Request("/"))
    arguments = {"page": "page", "requests": 3, "layer_rules": LAYER_RULES}
    first, second = (
        worker.call("calls", **arguments, through_server=through_server) for _ in range(2)
    )
    assert first == second
    assert first["python"]["app"] == 3  # the application, and its helper twice
    assert first["builtin"]["app"] == 2
    assert (first["python"]["server"] > 20) is through_server


def reply(body, **headers):
    """Return a reply with status 200."""
    return Reply(200, list(headers.items()), body if isinstance(body, bytes) else body.encode())


@pytest.mark.parametrize(
    ("check", "actual", "expected", "valid"),
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
def test_a_check_compares_a_reply_with_the_expected_reply(check, actual, expected, valid):
    assert check(actual, expected) is valid


def test_a_reply_arrives_with_its_body_and_headers(start_tiny):
    reply = start_tiny(app=APP).call_once(Request("/", "POST", bytes(range(256))))
    assert reply.body == bytes(range(256))
    assert reply.header("content-type") == "text/plain"
    assert reply.header("nothing") == ""
    assert json.dumps(list(reply.headers))
