"""Provide a framework's application to a server, as bench.agent.server_entrypoint:application.

Servers import a callable by name; which one, the environment variable COOKOFF_ORDER tells, as the
line tells a host. It runs inside a framework's environment.

Run: bench/measure/load/servers.py does; as `python -m bench.agent.server_entrypoint cheroot
8000` for the servers that
have no command of their own.
"""

import importlib
import json
import os
import sys

from bench.agent.application import load_application

application = load_application(json.loads(os.environ["COOKOFF_ORDER"]))
HOST, THREADS = "127.0.0.1", 4


def main() -> None:
    """Serve on a port, with the server of a name, until ended."""
    name, port = sys.argv[1], int(sys.argv[2])
    if name == "cheroot":
        wsgi = importlib.import_module("cheroot.wsgi")
        wsgi.Server((HOST, port), application, numthreads=THREADS).safe_start()
    elif name == "bjoern":
        importlib.import_module("bjoern").run(application, HOST, port)
    elif name == "waitress":
        importlib.import_module("waitress").serve(
            application, host=HOST, port=port, threads=THREADS
        )
    else:
        simple = importlib.import_module("wsgiref.simple_server")
        quiet = type("Quiet", (simple.WSGIRequestHandler,), {"log_message": lambda *_: None})
        simple.make_server(HOST, port, application, handler_class=quiet).serve_forever()


if __name__ == "__main__":
    main()
