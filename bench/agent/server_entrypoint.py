"""Provide a framework's application to a server, as bench.agent.server_entrypoint:application.

Servers import a WSGI callable by name. The environment variable COOKOFF_LAUNCH_SPEC has the launch
spec as JSON. Runs inside a framework's environment.

bench/measure/load/servers.py starts it; `python -m bench.agent.server_entrypoint cheroot 8000`
starts a server that has no command of its own.
"""

import importlib
import json
import os
import sys

from bench.agent.application import load_application

application = load_application(json.loads(os.environ["COOKOFF_LAUNCH_SPEC"]))
HOST, THREADS = "127.0.0.1", 4


def main() -> None:
    """Serve on a port with a server of this name, until the process ends."""
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
        wsgiref = importlib.import_module("wsgiref.simple_server")
        handler = type("Quiet", (wsgiref.WSGIRequestHandler,), {"log_message": lambda *_: None})
        wsgiref.make_server(HOST, port, application, handler_class=handler).serve_forever()


if __name__ == "__main__":
    main()
