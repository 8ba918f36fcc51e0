"""Record which lines of an application run for which feature.

Requests take turns, so that each line that runs belongs to one request and, by the request's method
and path, to one feature. Runs inside a framework's environment.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from bench.agent.line_tracing import DEFAULT_TRACER, LineTracer
from bench.frameworks.features import find_feature_id

Application = Callable[..., Iterable[bytes]]


class LineRecorder:
    """Records the lines of a folder by feature; lines that an import runs belong to no feature."""

    def __init__(
        self, folder: str, file: str, tracer: Callable[[str, str], LineTracer] = DEFAULT_TRACER
    ):
        """Start recording below `folder`; save() writes the record to `file`."""
        self._feature, self._depth = "", 0
        self._lock = threading.RLock()
        self._tracer: LineTracer = tracer(folder, file)
        self._tracer.start()

    def wrap(self, application: Application) -> Application:
        """Return the application, its requests one at a time, each recorded for its feature."""

        def recorded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
            feature = find_feature_id(environ["REQUEST_METHOD"], environ["PATH_INFO"])
            with self.record_feature(feature):
                content = application(environ, start_response)
            # A list is complete, and a server may need its length.
            return content if hasattr(content, "__len__") else RecordedBody(content, self, feature)

        return recorded

    @contextmanager
    def record_feature(self, feature: str) -> Iterator[None]:
        """Wait for other requests; record the block's lines for a feature."""
        with self._lock:
            outer = self._feature
            self._switch(feature)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                # No switch back after the outermost block: a switch may write to the disk, and
                # no line runs outside a block.
                if self._depth:
                    self._switch(outer)

    def _switch(self, feature: str) -> None:
        if feature != self._feature:
            self._tracer.switch_context(feature)
            self._feature = feature

    def save(self) -> None:
        """Write the record."""
        with self._lock:
            self._tracer.save()


class RecordedBody:
    """The body of a response, each piece of which is recorded for a feature."""

    def __init__(self, content: Iterable[bytes], recorder: LineRecorder, feature: str):
        self._content, self._recorder, self._feature = content, recorder, feature

    def __iter__(self) -> Iterator[bytes]:
        with self._recorder.record_feature(self._feature):
            pieces = iter(self._content)
        while True:
            with self._recorder.record_feature(self._feature):
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece

    def close(self) -> None:
        """Close the application's iterable, as the server would."""
        if close := getattr(self._content, "close", None):
            with self._recorder.record_feature(self._feature):
                close()
