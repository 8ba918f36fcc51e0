"""A reply and its headers."""

import json
from collections.abc import Iterable
from functools import cached_property
from typing import Any


class Headers:
    """The headers of a reply. Header names are case-insensitive."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Store the headers, whose names are in lower case."""
        self.pairs = [*pairs]

    def get_list(self, name: str) -> list[str]:
        """Return the text of each header with a name."""
        lowered = name.lower()
        return [text for known, text in self.pairs if known == lowered]

    def get(self, name: str, default: str = "") -> str:
        """Return the texts of the headers with a name, joined by commas."""
        return ", ".join(self.get_list(name)) if name in self else default

    def __getitem__(self, name: str) -> str:
        if name not in self:
            raise AssertionError(f"the reply has no {name} header")
        return self.get(name)

    def __contains__(self, name: str) -> bool:
        return any(known == name.lower() for known, _ in self.pairs)

    def __repr__(self) -> str:
        return repr(self.pairs)


class Reply:
    """One complete reply."""

    def __init__(self, url: str, status: int, headers: Headers, content: bytes) -> None:
        """Store the reply; `url` is the requested URL."""
        self.url, self.status, self.headers, self.content = url, status, headers, content

    @cached_property
    def text(self) -> str:
        """The content as text; invalid UTF-8 becomes replacement characters."""
        return self.content.decode("utf-8", "replace")

    @property
    def media_type(self) -> str:
        """The Content-Type in one spelling: letters are small, and a blank follows a semicolon."""
        return "; ".join(part.strip() for part in self.headers["Content-Type"].lower().split(";"))

    def json(self) -> Any:
        """Return the content as JSON."""
        return json.loads(self.content)

    def __repr__(self) -> str:
        return f"<{self.status} for {self.url}>"
