"""Describe what a process loads and serves, and with which interpreter."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class LaunchSpec:
    """The application that a process loads and serves, and its interpreter."""

    name: str  # for logs and messages
    python: Path
    folder: Path | None = None
    module: str = "app"
    app: str = ""  # "package.module:callable" instead of a module with create_app(settings)
    settings: Mapping[str, object] = field(default_factory=dict)
    threads: int = 8
    environ: Mapping[str, str] = field(default_factory=dict)  # added to the harness's environment
    coverage_file: str = ""  # records which lines of the folder run for which feature

    def encode_message(self, descriptor: int) -> bytes:
        """Return the first line of the protocol: the launch spec as JSON."""
        message: dict[str, Any] = {"id": 0, "fd": descriptor, "threads": self.threads}
        message |= {"app": self.app} if self.app else {"module": self.module}
        message |= {"folder": str(self.folder)} if self.folder else {}
        message |= {"record": self.coverage_file} if self.coverage_file else {}
        return json.dumps(message | {"settings": dict(self.settings)}).encode() + b"\n"
