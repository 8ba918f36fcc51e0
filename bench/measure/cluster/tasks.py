"""Define tasks, and store the results of finished tasks.

A task is one independent piece of a measurement; its inputs and its result are JSON values. Results
stay in a folder, one file each, until the measurement has the results of all its tasks.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import convert

from bench.core.files import write_file
from bench.core.machine import Machine
from bench.measure.cluster.checkout import Checkout

TaskResult = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One piece of work: the function that runs, and its inputs."""

    name: str  # in messages
    work: str  # "package.module:function", called on a worker with the inputs and the key
    inputs: Mapping[str, Any]
    checkout: Checkout

    @property
    def key(self) -> str:
        """Return a key that differs from tasks with other inputs or of another checkout."""
        identity = json.dumps([self.work, self.inputs, self.checkout], sort_keys=True)
        return hashlib.sha256(identity.encode()).hexdigest()[:20]

    def as_dict(self) -> dict[str, Any]:
        """Return the task as a worker receives it."""
        return {"key": self.key, **vars(self)}


@dataclass(frozen=True)
class TaskCache:
    """The folder with the results of finished tasks."""

    folder: Path

    def get(self, task: Task) -> TaskResult | None:
        """Return the result of a task, None when the task is not finished."""
        try:
            result: TaskResult = json.loads(self._file(task).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return result

    def save(self, task: Task, result: TaskResult) -> None:
        """Write the result of a task in one step, so that no file is incomplete."""
        write_file(self._file(task), json.dumps(result))

    def remove(self, tasks: Iterable[Task]) -> None:
        """Remove the results of some tasks, which the measurement has used."""
        for task in tasks:
            self._file(task).unlink(missing_ok=True)

    def _file(self, task: Task) -> Path:
        return self.folder / f"{task.key}.json"


def collect_machines(results: Iterable[TaskResult]) -> dict[str, Machine]:
    """Return the facts of each machine by the machine's id."""
    facts = {each["machine"]["id"]: each["machine"]["facts"] for each in results}
    return {id: convert(each, Machine) for id, each in facts.items()}
