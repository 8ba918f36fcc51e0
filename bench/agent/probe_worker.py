"""What does an application answer when it is called in its own process, with no server?

Runs inside a framework's environment. Like the host it takes its order, one line of JSON, on
standard input. After {"ready": true} it answers each further line, {"id": n, "request": base64} or
{"id": n, "recipe": name, "size": n}, under the same id. It ends when standard input closes.

Run: bench/behaviour/channel.py does, as `.venvs/flask/bin/python -m bench.agent.probe_worker`.
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

BODY_LIMIT_BYTES = 64 * 1024  # of a reply's body, this much is told


def main() -> int:
    """Load the application and answer the parent's lines until there are no more."""
    atexit.register(kill_process_group)  # what the application forked ends with it
    order, orders, replies = open_parent_channel()
    with report_fatal_errors(replies):
        application = wrap_with_checks(load_application(order))
    send_message(replies, ready=True)
    for line in read_lines(orders):
        asked = json.loads(line)
        if recipe := asked.get("recipe"):
            raw = RECIPES[recipe](asked["size"])
        else:
            raw = base64.b64decode(asked["request"])
        send_message(replies, id=asked["id"], **ApplicationCall(raw).run(application))
    return 0


class ApplicationCall:
    """One call of an application, as a server makes it."""

    def __init__(self, raw: bytes):
        self.environ: Environ = parse_environ(raw, io.StringIO())
        self.status = ""
        self.headers: list[Any] = []
        self.body = io.BytesIO()
        self.error_name = ""

    def run(self, application: Any) -> dict[str, Any]:
        """Call the application, read and close what it returns; return all that came of it."""
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
        """Keep the head of the reply; once part of the body is out, a failure goes on upwards."""
        if failure and self.body.tell():
            raise failure[1].with_traceback(failure[2])
        self.status, self.headers = status, list(headers)
        return self.body.write

    def record_error(self, error: BaseException) -> None:
        """Keep the kind of what the application raised; the log has all of it."""
        traceback.print_exception(error)
        self.error_name = self.error_name or type(error).__name__

    def as_message(self) -> dict[str, Any]:
        """Return the outcome as the parent reads it."""
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
