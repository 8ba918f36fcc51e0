# Appended to app.py of a copy of bare: commits the fault that the header X-Fault names.
import io
import logging
import os
import time

create_right_app = create_app  # noqa: F821  # defined in app.py of bare
LEAKED_BYTES = []
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
        elif fault == "slow":
            use_processor()
        elif fault == "die":
            os._exit(3)
        elif fault == "grow":
            LEAKED_BYTES.append(bytes(range(256)) * 1024)
        change_request(fault, environ)

        def start(status, headers, *more):
            return start_response(*change_reply(fault, status, headers, environ), *more)

        body = b"".join(site(environ, start))
        if fault == "traceback":
            return [TRACEBACK.encode()]
        return [b"not found" if fault == "words" else body]

    return faulty


def use_processor():
    end = time.process_time() + 1
    while time.process_time() < end:
        pass


def change_request(fault, environ):
    if fault in ("refuse", "bad"):
        environ["PATH_INFO"] = "/none"
    elif fault == "extra" and environ["REQUEST_METHOD"] == "HEAD":
        environ["REQUEST_METHOD"] = "GET"  # so that the reply to HEAD has a body
    elif fault == "rows":
        form = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(form.replace(b"Good soup.", b"Fine soup."))


def change_reply(fault, status, headers, environ):
    headers = [pair for pair in headers if pair[0] != "Content-Length"]
    if fault == "words":
        return "404 Not Found", headers
    if fault == "bad":
        return "400 Bad Request", headers
    if fault == "headers":
        return status, [pair for pair in headers if pair[0] != "Referrer-Policy"]
    if fault in ("away", "dots"):
        location = "https://elsewhere.example/" if fault == "away" else "/.//elsewhere.example"
        return "303 See Other", [*headers, ("Location", location)]
    if fault in ("host", "forwarded"):
        header = {"host": "HTTP_HOST", "forwarded": "HTTP_X_ORIGINAL_HOST"}[fault]
        location = f"http://{environ[header]}/" if header in environ else "/"
        return "303 See Other", [*headers, ("Location", location)]
    return status, headers
