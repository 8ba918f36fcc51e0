"""The settings that the host of an app passes to it at start."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path

# RFC 9110 renamed these two; the name in http.HTTPStatus depends on the version of Python.
_RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}
# One character of a path segment (RFC 3986, pchar), except an encoded slash or backslash.
_CHARACTER = r"(?:[\w.~!$&'()*+,;=:@-]|%(?!2f|5c)[0-9a-f]{2})"
_NO_DOTS = r"(?!(?:\.|%2e){1,2}(?:[/?#]|$))"
_OWN_PATH = re.compile(
    rf"(?:/|(?:/{_NO_DOTS}{_CHARACTER}+)+/?)(?:\?[!-\[\]-~]*)?(?:\#[!-\[\]-~]*)?",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True)
class Settings:
    """The locations of the site's data, the framework's name and version, and the secret."""

    database_url: str
    photos_dir: Path
    static_dir: Path
    pages_dir: Path
    framework: str
    secret: str
    frame_ancestors: str = "'none'"
    debug: bool = False
    hardened: bool = True  # False: the site as the framework's documentation teaches it

    @property
    def content_security_policy(self) -> str:
        """Return the value of the Content-Security-Policy header."""
        return f"default-src 'self'; frame-ancestors {self.frame_ancestors}"

    @cached_property
    def problems(self) -> dict[int, str]:
        """Return the error sentence of each HTTP status, from static/problems.json (read once)."""
        text = (self.static_dir / "problems.json").read_text(encoding="utf-8")
        return {int(status): sentence for status, sentence in json.loads(text).items()}

    def own_path(self, goal: str) -> str:
        """Return the target of a redirect if it is a path of this site, else "".

        Other sites are refused, and so are spellings that programs resolve in different ways:
        empty segments, dot segments, backslashes, encoded slashes, control characters.
        """
        return goal if _OWN_PATH.fullmatch(goal) else ""

    def phrase(self, status: int) -> str:
        """Return the standard phrase of an HTTP status, the same in every version of Python."""
        return _RENAMED.get(status) or HTTPStatus(status).phrase
