"""What came back? One reply, its headers without regard to the case of their names."""

import json
from functools import cached_property
from typing import Any


class Headers:
    """The headers of a reply, without regard to the case of their names."""

    def __init__(self, lines: list[bytes]) -> None:
        """Read header lines."""
        pairs = (line.decode("latin-1").partition(":") for line in lines)
        self.pairs = [(name.lower(), text.strip()) for name, _, text in pairs]

    def get_list(self, name: str) -> list[str]:
        """Return the text of each header of a name."""
        wanted = name.lower()
        return [text for known, text in self.pairs if known == wanted]

    def get(self, name: str, default: str = "") -> str:
        """Return the text of the headers of a name, joined as lists may be."""
        return ", ".join(self.get_list(name)) if name in self else default

    def __getitem__(self, name: str) -> str:
        if name not in self:
            raise KeyError(f"the reply has no {name} header")
        return self.get(name)

    def __contains__(self, name: str) -> bool:
        return any(known == name.lower() for known, _ in self.pairs)

    def __repr__(self) -> str:
        return repr(self.pairs)


class Reply:
    """One reply, read to its end."""

    def __init__(self, url: str, status: int, headers: Headers, content: bytes) -> None:
        """Keep what arrived; `url` is what was asked for."""
        self.url, self.status, self.headers, self.content = url, status, headers, content

    @cached_property
    def text(self) -> str:
        """The content as text; what is no UTF-8 is marked."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the content as JSON."""
        return json.loads(self.content)

    def __repr__(self) -> str:
        return f"<{self.status} for {self.url}>"
