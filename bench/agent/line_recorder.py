"""Which lines of an application run for which feature? Notes it while requests are answered.

Requests take turns here, so that a line that runs belongs to one request and, by its method and
path, to one feature. It runs inside the framework's environment.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from bench.agent.line_tracing import DEFAULT_TRACER, LineTracer
from bench.frameworks.features import find_feature_id

Application = Callable[..., Iterable[bytes]]


class LineRecorder:
    """Coverage of a folder's Python, its lines told apart by feature; what import runs, by none."""

    def __init__(
        self, folder: str, file: str, tracer: Callable[[str, str], LineTracer] = DEFAULT_TRACER
    ):
        """Begin to note what runs below `folder`; it is kept in `file`."""
        self._feature, self._depth = "", 0
        self._turn = threading.RLock()
        self._tracer: LineTracer = tracer(folder, file)
        self._tracer.start()

    def wrap(self, application: Application) -> Application:
        """Return the application with its requests taking turns, each noted for its feature."""

        def recorded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
            feature = find_feature_id(environ["REQUEST_METHOD"], environ["PATH_INFO"])
            with self.record_feature(feature):
                content = application(environ, start_response)
            # A list is finished, and a server may want its length.
            return content if hasattr(content, "__len__") else RecordedBody(content, self, feature)

        return recorded

    @contextmanager
    def record_feature(self, feature: str) -> Iterator[None]:
        """Wait for a turn; what runs in it is the feature's."""
        with self._turn:
            outer = self._feature
            self._switch(feature)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                # After the outermost, never switched back: a switch may write to the disk, and
                # lines run in turns only.
                if self._depth:
                    self._switch(outer)

    def _switch(self, feature: str) -> None:
        if feature != self._feature:
            self._tracer.switch_context(feature)
            self._feature = feature

    def save(self) -> None:
        """Write down what ran."""
        with self._turn:
            self._tracer.save()


class RecordedBody:
    """A reply's content, each piece of it made in a turn."""

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
        """Close what the application gave, as the server would have."""
        if close := getattr(self._content, "close", None):
            with self._recorder.record_feature(self._feature):
                close()
