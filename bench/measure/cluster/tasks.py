"""What is a cell, and where is its result kept once it is finished?

A cell is one independent piece of a measurement, its inputs and its result fit for JSON. Results
lie in a folder of their own, one file each, until the measurement that wants them has them all.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.core.files import write_file
from bench.measure.cluster.checkout import Checkout

TaskResult = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One piece of work: what does it, and with what."""

    name: str  # in messages
    work: str  # "package.module:function", called on a worker with the inputs and the key
    inputs: Mapping[str, Any]
    checkout: Checkout

    @property
    def key(self) -> str:
        """Return what tells it from all cells with other inputs or of another checkout."""
        told = json.dumps([self.work, self.inputs, self.checkout], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:20]

    def as_dict(self) -> dict[str, Any]:
        """Return it as it travels to a worker."""
        return {"key": self.key, **vars(self)}


@dataclass(frozen=True)
class TaskCache:
    """The folder of finished cells."""

    folder: Path

    def get(self, cell: Task) -> TaskResult | None:
        """Return the result of a cell, None when it is not finished."""
        try:
            result: TaskResult = json.loads(self._file(cell).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return result

    def save(self, cell: Task, result: TaskResult) -> None:
        """Keep the result of a cell, never half written."""
        write_file(self._file(cell), json.dumps(result))

    def remove(self, cells: Iterable[Task]) -> None:
        """Remove the results of some cells: whoever wanted them has them."""
        for cell in cells:
            self._file(cell).unlink(missing_ok=True)

    def _file(self, cell: Task) -> Path:
        return self.folder / f"{cell.key}.json"
