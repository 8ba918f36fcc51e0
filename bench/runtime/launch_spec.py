"""What a process is to load and serve, and with which interpreter."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class LaunchSpec:
    """What a host is to serve, and with which interpreter."""

    name: str  # for logs and messages
    python: Path
    folder: Path | None = None
    module: str = "app"
    app: str = ""  # "package.module:callable" instead of a module with create_app(settings)
    settings: Mapping[str, object] = field(default_factory=dict)
    threads: int = 8
    environ: Mapping[str, str] = field(default_factory=dict)  # on top of the harness's own
    coverage_file: str = (
        ""  # the file that takes down which lines of the folder run for which feature
    )

    def encode_message(self, descriptor: int) -> bytes:
        """Return the line that tells the host what to do."""
        order: dict[str, Any] = {"id": 0, "fd": descriptor, "threads": self.threads}
        order |= {"app": self.app} if self.app else {"module": self.module}
        order |= {"folder": str(self.folder)} if self.folder else {}
        order |= {"record": self.coverage_file} if self.coverage_file else {}
        return json.dumps(order | {"settings": dict(self.settings)}).encode() + b"\n"
