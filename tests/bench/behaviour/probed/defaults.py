"""A small application to probe, with a few faults on purpose."""

import json
import os
import time

SECRET_TOKEN = os.urandom(20).hex()  # a new token in every process
doomed = []


def app(environ, start_response):  # noqa: C901  # one fault for each path
    path = environ["PATH_INFO"]
    if path == "/hang":
        time.sleep(60)
    if path == "/crash":
        os._exit(3)
    if doomed:
        os._exit(4)
    if path == "/doom":  # the next request is the last
        doomed.append(True)
        path = "/hello"
    if path == "/slow":
        work_for_seconds(1.3)
        path = "/hello"
    if path == "/error":
        raise RuntimeError("secret 4711")
    if path == "/json":
        return decode(environ, start_response)
    if path == "/twice":
        start_response("200 OK", [("Content-Length", "5"), ("X Bad", "1")])
        return [b"hello"]
    if path == "/hello":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
        return [b"hello"]
    if path == "/token":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{SECRET_TOKEN} at {time.time_ns():x}-0123456789abcdef".encode()]
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"not here"]


def work_for_seconds(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def decode(environ, start_response):
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > 1000:
        start_response("413 Too Much", [("Content-Type", "text/plain")])
        return [b"too much"]
    value = json.loads(environ["wsgi.input"].read(length))
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"value": value}).encode()]
