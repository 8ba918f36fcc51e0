# Appended to app.py of a copy of bare: does wrong what the header X-Fault asks for.
import io
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
        change_request(fault, environ)

        def start(status, headers, *more):
            return start_response(*changed(fault, status, headers, environ), *more)

        body = b"".join(site(environ, start))
        if fault == "traceback":
            return [TRACEBACK.encode()]
        return [b"not found" if fault == "words" else body]

    return faulty


def change_request(fault, environ):
    if fault in ("refuse", "bad"):
        environ["PATH_INFO"] = "/none"
    elif fault == "extra" and environ["REQUEST_METHOD"] == "HEAD":
        environ["REQUEST_METHOD"] = "GET"  # and the body of its reply is sent
    elif fault == "rows":
        form = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(form.replace(b"Good soup.", b"Fine soup."))


def changed(fault, status, headers, environ):
    headers = [pair for pair in headers if pair[0] != "Content-Length"]
    if fault == "words":
        return "404 Not Found", headers
    if fault == "bad":
        return "400 Bad Request", headers
    if fault == "headers":
        return status, [pair for pair in headers if pair[0] != "Referrer-Policy"]
    if fault in ("away", "dots"):
        goal = "https://elsewhere.example/" if fault == "away" else "/.//elsewhere.example"
        return "303 See Other", [*headers, ("Location", goal)]
    if fault in ("host", "forwarded"):
        believed = {"host": "HTTP_HOST", "forwarded": "HTTP_X_ORIGINAL_HOST"}[fault]
        goal = f"http://{environ[believed]}/" if believed in environ else "/"
        return "303 See Other", [*headers, ("Location", goal)]
    return status, headers
