"""Settings: what the host of an app tells it when it starts."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path

# RFC 9110 renamed these two; which name http.HTTPStatus gives depends on the version of Python.
_RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}
# One character of a path's segment (RFC 3986, pchar), but no encoded slash or backslash.
_CHARACTER = r"(?:[\w.~!$&'()*+,;=:@-]|%(?!2f|5c)[0-9a-f]{2})"
_NO_DOTS = r"(?!(?:\.|%2e){1,2}(?:[/?#]|$))"
_OWN_PATH = re.compile(
    rf"(?:/|(?:/{_NO_DOTS}{_CHARACTER}+)+/?)(?:\?[!-\[\]-~]*)?(?:\#[!-\[\]-~]*)?",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True)
class Settings:
    """Everything an app is told: where things are, and its framework's name and version."""

    database_url: str
    photos_dir: Path
    static_dir: Path
    pages_dir: Path
    framework: str
    secret: str
    frame_ancestors: str = "'none'"
    debug: bool = False

    @property
    def content_security_policy(self) -> str:
        """Return the value of the Content-Security-Policy header."""
        return f"default-src 'self'; frame-ancestors {self.frame_ancestors}"

    @cached_property
    def problems(self) -> dict[int, str]:
        """Return one plain sentence for each status, read once from static/problems.json."""
        text = (self.static_dir / "problems.json").read_text(encoding="utf-8")
        return {int(status): sentence for status, sentence in json.loads(text).items()}

    def own_path(self, goal: str) -> str:
        """Return the goal of a redirect if it is a path of this site, else "".

        Refused are other sites, and every spelling that software resolves in different ways:
        empty segments, dot segments, backslashes, encoded slashes, control characters.
        """
        return goal if _OWN_PATH.fullmatch(goal) else ""

    def phrase(self, status: int) -> str:
        """Return the standard phrase of an HTTP status, the same under every Python."""
        return _RENAMED.get(status) or HTTPStatus(status).phrase
