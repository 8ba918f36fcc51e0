"""Which lines of an application run for which feature? Notes it while requests are answered.

Requests take turns here, so that a line that runs belongs to one request and, by its method and
path, to one feature. It runs inside the framework's environment.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from bench.features import feature_of

# The tracer that knows contexts under every Python; the newest one, sys.monitoring's, does not.
os.environ.setdefault("COVERAGE_CORE", "ctrace")
Application = Callable[..., Iterable[bytes]]


class Recorder:
    """Coverage of a folder's Python, its lines told apart by feature; what import runs, by none."""

    def __init__(self, folder: str, file: str):
        """Begin to note what runs below `folder`; it is kept in `file`."""
        from coverage import Coverage

        self._feature = ""
        # Python alone: template engines give the code they make any line numbers, such as Kajiki's
        # negative ones, and these cannot be kept.
        self._coverage = Coverage(
            data_file=file, include=[f"{folder}/**/*.py"], config_file=False, messages=False
        )
        self._turn = threading.RLock()
        self._coverage.start()

    def around(self, application: Application) -> Application:
        """Return the application with its requests taking turns, each noted for its feature."""

        def recorded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
            feature = feature_of(environ["REQUEST_METHOD"], environ["PATH_INFO"])
            with self.noting(feature):
                content = application(environ, start_response)
            # A list is finished, and a server may want its length.
            return content if hasattr(content, "__len__") else Pieces(content, self, feature)

        return recorded

    @contextmanager
    def noting(self, feature: str) -> Iterator[None]:
        """Wait for a turn; what runs in it is the feature's."""
        with self._turn:
            # Never switched back: lines run in turns only, and each switch writes to the disk.
            if feature != self._feature:
                self._coverage.switch_context(feature)
                self._feature = feature
            yield

    def save(self) -> None:
        """Write down what ran."""
        with self._turn:
            self._coverage.stop()
            self._coverage.save()


class Pieces:
    """A reply's content, each piece of it made in a turn."""

    def __init__(self, content: Iterable[bytes], recorder: Recorder, feature: str):
        self._content, self._recorder, self._feature = content, recorder, feature

    def __iter__(self) -> Iterator[bytes]:
        with self._recorder.noting(self._feature):
            pieces = iter(self._content)
        while True:
            with self._recorder.noting(self._feature):
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece

    def close(self) -> None:
        """Close what the application gave, as the server would have."""
        if close := getattr(self._content, "close", None):
            with self._recorder.noting(self._feature):
                close()
