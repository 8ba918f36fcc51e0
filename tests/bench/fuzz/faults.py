# Appended to app.py of a copy of bare: does wrong what the header X-Fault asks for.
import logging
import os
import time

create_right_app = create_app  # noqa: F821  # in the file that this is appended to
LEFT_BEHIND = []
TRACEBACK = "Traceback (most recent call last):\n  File 'x'\nValueError: no"


def create_app(settings):
    site = create_right_app(settings)

    def faulty(environ, start_response):
        fault = environ.get("HTTP_X_FAULT", "").lower()
        if fault == "error" or "HTTP_IF_RANGE" in environ:
            raise RuntimeError("planted")
        if fault == "log":
            logging.error("%s", TRACEBACK)
        elif fault == "hang":
            time.sleep(60)
        elif fault == "die":
            os._exit(3)
        elif fault == "grow":
            LEFT_BEHIND.append(bytes(range(256)) * 1024)
        elif fault == "refuse":
            environ["PATH_INFO"] = "/none"

        def start(status, headers, *more):
            return start_response(*changed(fault, status, headers), *more)

        body = b"".join(site(environ, start))
        if fault == "traceback":
            return [TRACEBACK.encode()]
        return [b"not found" if fault == "words" else body]

    return faulty


def changed(fault, status, headers):
    headers = [pair for pair in headers if pair[0] != "Content-Length"]
    if fault == "words":
        return "404 Not Found", headers
    if fault == "headers":
        return status, [pair for pair in headers if pair[0] != "Referrer-Policy"]
    if fault in ("away", "dots"):
        goal = "https://elsewhere.example/" if fault == "away" else "/.//elsewhere.example"
        return "303 See Other", [*headers, ("Location", goal)]
    return status, headers
