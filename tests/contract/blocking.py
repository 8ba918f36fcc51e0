"""Explain a failed clause: its last request, and the features that the site lacks.

A clause is blocked if it needs another feature that the site lacks altogether. A blocked clause
has neither passed nor failed. The clauses of the lacking feature itself fail.
"""

from io import BytesIO
from urllib.parse import urlsplit

import pytest

from bench.frameworks.features import FEATURES, find_feature_id
from tests.contract import wire
from tests.contract.clauses import features_of
from tests.contract.expect import phrase
from tests.contract.page import Page
from tests.contract.pictures import PNG
from tests.contract.reply import Reply
from tests.contract.site import Site

BLOCKED = "blocked by "
MAX_TARGET_CHARACTERS = 80


def explain_failure(
    item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport, site: Site
) -> None:
    """Add the last request to a failed report, or mark the clause as blocked."""
    assert call.excinfo
    # A fixture that failed raises the same error for each clause, and sends no request again.
    history = call.excinfo.value.__dict__.setdefault("history", [*wire.history])
    if history:
        report.user_properties = [*report.user_properties, ("asked", describe(*history[-1]))]
    asked = {find_feature_id(method, urlsplit(target).path) for method, target, _ in history}
    needed = asked.intersection(site_lacks(site)).difference(features_of(item))
    if needed:
        path, line, _ = item.location
        report.outcome = "skipped"
        report.longrepr = (path, line or 0, f"Skipped: {BLOCKED}{', '.join(sorted(needed))}")


def describe(method: str, target: str, reply: Reply) -> str:
    """Return a request and its reply in one line, with the sentence of an error page."""
    shown = target if len(target) <= MAX_TARGET_CHARACTERS else target[:MAX_TARGET_CHARACTERS] + "…"
    sentence = read_sentence(reply) if reply.status >= 400 else ""
    status = f"{reply.status} {phrase(reply.status)}"
    return " ".join(f"{method} {shown} -> {status} {sentence}".split())


def read_sentence(reply: Reply) -> str:
    """Return the sentence of an error page or of a problem, in quotation marks, or ""."""
    if reply.headers.get("Content-Type").endswith("json"):
        try:
            document = reply.json()
        except ValueError:  # the reply to HEAD has no body
            return ""
        sentence = document.get("detail") if isinstance(document, dict) else ""
    else:
        sentence = next(iter(Page(reply).texts("main p")), "")
    return f'"{sentence}"' if sentence else ""


def site_lacks(site: Site) -> frozenset[str]:
    """Return the ids of the features that a site lacks; none if its database is unknown."""
    if site.lacking is None:
        site.lacking = find_lacking(site)
    return site.lacking


def find_lacking(site: Site) -> frozenset[str]:
    """Ask for each feature once. A feature is lacking if its own address is not served."""
    if site.house is None or site.house.database is None:
        return frozenset()
    database, dish_id = site.house.database, site.plain_ids[0]
    order = {"guest": "Probe", "lines": [{"dish_id": dish_id, "quantity": 1}]}
    photo = database.photos.keep(dish_id, BytesIO(PNG)).photo
    code = database.orders.place_from_json(order, None).code
    lacking = set()
    for feature in FEATURES[:-1]:  # the last feature has no address of its own
        method, _, target = feature.request.partition(" ")
        target = target.format(id=dish_id, code=code, name=photo).replace("...", "site.css")
        status = site.program.request(method, target).status
        if status in (404, 405) or status >= 500:
            lacking.add(feature.id)
    return frozenset(lacking)
