"""Call an application with raw requests, in its own process, without a server.

Like the host, the worker reads a launch spec, one line of JSON, from standard input. After
{"ready": true} it answers each further line, {"id": n, "request": base64} or
{"id": n, "recipe": name, "size": n}, with the same id. It ends when standard input closes. Runs
inside a framework's environment.

bench/behaviour/channel.py starts it: `.venvs/flask/bin/python -m bench.agent.probe_worker`.
"""

import atexit
import base64
import io
import json
import sys
import traceback
from typing import Any

from bench.agent.application import load_application
from bench.agent.pep3333_checks import violations, wrap_with_checks
from bench.agent.protocol import (
    kill_process_group,
    open_parent_channel,
    read_lines,
    report_fatal_errors,
    send_message,
)
from bench.agent.sized_requests import RECIPES
from bench.agent.wsgi_environ import Environ, parse_environ

BODY_LIMIT_BYTES = 64 * 1024  # of a response's body; the rest is not sent to the parent


def main() -> int:
    """Load the application and handle the parent's commands; return the exit code."""
    atexit.register(kill_process_group)  # processes that the application forked end, too
    spec, commands, replies = open_parent_channel()
    with report_fatal_errors(replies):
        application = wrap_with_checks(load_application(spec))
    send_message(replies, ready=True)
    for line in read_lines(commands):
        command = json.loads(line)
        if recipe := command.get("recipe"):
            raw = RECIPES[recipe](command["size"])
        else:
            raw = base64.b64decode(command["request"])
        send_message(replies, id=command["id"], **ApplicationCall(raw).run(application))
    return 0


class ApplicationCall:
    """One call of an application, as a server would call it."""

    def __init__(self, raw: bytes):
        self.environ: Environ = parse_environ(raw, io.StringIO())
        self.status = ""
        self.headers: list[Any] = []
        self.body = io.BytesIO()
        self.error_name = ""

    def run(self, application: Any) -> dict[str, Any]:
        """Call the application, read and close its iterable; return the outcome as a message."""
        violations.clear()
        iterable = None
        try:
            iterable = application(self.environ, self.start_response)
            for piece in iterable:
                self.body.write(piece)
        except BaseException as error:  # noqa: BLE001  # a framework may raise anything
            self.record_error(error)
        try:
            if close := getattr(iterable, "close", None):
                close()
        except BaseException as error:  # noqa: BLE001  # a framework may raise anything
            self.record_error(error)
        return self.as_message()

    def start_response(self, status: str, headers: Any, failure: Any = None) -> Any:
        """Store the head of the response; raise the failure once part of the body is written."""
        if failure and self.body.tell():
            raise failure[1].with_traceback(failure[2])
        self.status, self.headers = status, list(headers)
        return self.body.write

    def record_error(self, error: BaseException) -> None:
        """Store the name of the first error; write the traceback to the log."""
        traceback.print_exception(error)
        self.error_name = self.error_name or type(error).__name__

    def as_message(self) -> dict[str, Any]:
        """Return the outcome as a message for the parent."""
        body = self.body.getvalue()
        return {
            "status": str(self.status),
            "headers": [[str(name), str(value)] for name, value in self.headers],
            "body": base64.b64encode(body[:BODY_LIMIT_BYTES]).decode(),
            "length": len(body),
            "raised": self.error_name,
            "hits": sorted(violations),
        }


if __name__ == "__main__":
    sys.exit(main())
