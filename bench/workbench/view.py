"""What a page of the workbench shows, as its address says it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

PANELS: Mapping[str, str] = {
    "replies": "Replies",
    "code": "Code",
    "journey": "Journey",
    "rows": "Database rows",
    "faults": "Faults",
}
PARTS = ("stage", "panel", "timeline")  # of a narrow window, one at a time
MAX_PICKED = 3


@dataclass(frozen=True)
class View:
    """The request, the panel, the picked frameworks and the part of a narrow window."""

    number: int = 0  # of the request; 0 for the newest
    panel: str = "replies"
    picked: tuple[str, ...] = ()
    files: bool = False  # whether the timeline shows requests for static files
    part: str = "stage"

    @classmethod
    def read(cls, query: QueryParams, names: Mapping[str, object]) -> "View":
        """Return the view of an address; unknown values are ignored."""
        number, panel = query.get("request", ""), query.get("panel", "")
        part = query.get("part", "")
        known = dict.fromkeys(name for name in query.getlist("with") if name in names)
        return cls(
            int(number) if number.isdecimal() and len(number) < 10 else 0,
            panel if panel in PANELS else "replies",
            tuple(known)[:MAX_PICKED],
            query.get("files") == "1",
            part if part in PARTS else "stage",
        )

    def build_query(self, **changes: object) -> str:
        """Return the query of this view with changes, for an address."""
        view = replace(self, **changes)  # type: ignore[arg-type]
        pairs: list[tuple[str, str]] = [("request", str(view.number))] if view.number else []
        pairs += [("panel", view.panel)] if view.panel != "replies" else []
        pairs += [("with", name) for name in view.picked]
        pairs += [("files", "1")] if view.files else []
        pairs += [("part", view.part)] if view.part != "stage" else []
        return "?" + urlencode(pairs)
