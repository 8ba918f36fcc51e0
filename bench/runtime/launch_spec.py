"""Describe what a process loads and serves, and with which interpreter."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.core.paths import ROOT


@dataclass(frozen=True)
class LaunchSpec:
    """The application that a process loads and serves, and its interpreter."""

    name: str  # for logs and messages
    python: Path
    folder: Path | None = None
    module: str = "app"
    app: str = ""  # "package.module:callable" instead of a module with create_app(settings)
    settings: Mapping[str, object] = field(default_factory=dict)
    root: Path = ROOT  # of the project, or of a copy of it
    threads: int = 8
    environ: Mapping[str, str] = field(default_factory=dict)  # added to the harness's environment
    coverage_file: str = ""  # records which lines of the folder run for which feature
    command_prefix: Sequence[str] = ()  # words before the command, for a sandbox
    start_cpu_seconds: int = 0  # the processor time for the start; 0 for no limit
    observations: str = ""  # a folder: a file for each observed request, for the workbench
    layer_rules: Sequence[tuple[str, str]] = ()  # of the calls that are observed

    def encode_message(self, descriptor: int) -> bytes:
        """Return the first line of the protocol: the launch spec as JSON."""
        message: dict[str, Any] = {"id": 0, "fd": descriptor, "threads": self.threads}
        message |= {"app": self.app} if self.app else {"module": self.module}
        message |= {"folder": str(self.folder)} if self.folder else {}
        message |= {"start_cpu_seconds": self.start_cpu_seconds} if self.start_cpu_seconds else {}
        message |= {"record": self.coverage_file} if self.coverage_file else {}
        message |= (
            {"observe": self.observations, "layer_rules": list(self.layer_rules)}
            if self.observations
            else {}
        )
        return json.dumps(message | {"settings": dict(self.settings)}).encode() + b"\n"
