"""The table of routes, which maps methods and path patterns to handlers."""

import re

from problems import Problem


class Routes:
    """Find the handler for a method and a path."""

    def __init__(self):
        self._plain = {}
        self._patterns = {}  # by the path's first segment, which is never a parameter

    def route(self, method, path):
        """Return a decorator that registers a handler for `path`.

        In a path `{name}` stands for one segment, `{*name}` for one or more.
        """

        def enter(handler):
            self._handlers_of(path)[method] = handler
            return handler

        return enter

    def _handlers_of(self, path):
        if "{" not in path:
            return self._plain.setdefault(path, {})
        rest = re.sub(r"{\*(\w+)}", r"(?P<\1>.+)", path)
        pattern = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", rest))
        return self._patterns.setdefault(_first_segment(path), {}).setdefault(pattern, {})

    def find(self, method, path):
        """Return the handler and its arguments. Raise Problem (404 or 405) without a handler."""
        handlers, arguments = self._match(path)
        handler = handlers.get("GET" if method == "HEAD" else method)
        if handler is None:
            allowed = [*handlers, "HEAD"] if "GET" in handlers else [*handlers]
            raise Problem(405, headers=[("Allow", ", ".join(sorted(allowed)))])
        return handler, arguments

    def _match(self, path):
        if path in self._plain:
            return self._plain[path], {}
        for pattern, handlers in self._patterns.get(_first_segment(path), {}).items():
            if match := pattern.fullmatch(path):
                return handlers, match.groupdict()
        raise Problem(404)


def _first_segment(path):
    return path[1:].partition("/")[0]
