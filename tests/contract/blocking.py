"""Explain a failed clause: its last request, the logged error, and the features the site lacks.

A clause is blocked if it needs another feature that the site lacks altogether. A blocked clause
has neither passed nor failed. The clauses of the lacking feature itself fail.
"""

from collections.abc import Sequence
from io import BytesIO
from urllib.parse import urlsplit

import pytest

from bench.conformance.pictures import PNG
from bench.frameworks.features import FEATURES, find_feature_id
from bench.learn.tracebacks import find_errors
from tests.contract import wire
from tests.contract.clauses import features_of
from tests.contract.expect import MAX_SHOWN_CHARACTERS, phrase, shorten
from tests.contract.house import House
from tests.contract.page import Page
from tests.contract.reply import Reply
from tests.contract.site import Site

BLOCKED = "blocked by "
COMPARISONS = {"==": "instead of", "in": "is not among", "not in": "is among"}


def explain_failure(
    item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport, site: Site
) -> None:
    """Add the last request to a failed report, or mark the clause as blocked."""
    assert call.excinfo
    # A fixture that failed raises the same error for each clause, and sends no request again.
    known = call.excinfo.value.__dict__
    history = known.setdefault("history", [*wire.history])
    if history:
        report.user_properties = [*report.user_properties, ("asked", describe_last(history))]
    if any(reply.status >= 500 for _, _, reply in history):
        raised = known.setdefault("raised", describe_raised(site.house) if site.house else "")
        report.user_properties = [*report.user_properties, ("raised", raised)]
    asked = {find_feature_id(method, urlsplit(target).path) for method, target, _ in history}
    if any(reply.status >= 400 for _, _, reply in history):
        asked.add(FEATURES[-1].id)  # every error page is this feature's
    needed = asked.intersection(site_lacks(site)).difference(features_of(item))
    if needed:
        path, line, _ = item.location
        report.outcome = "skipped"
        report.longrepr = (path, line or 0, f"Skipped: {BLOCKED}{', '.join(sorted(needed))}")


def describe_last(history: Sequence[tuple[str, str, Reply]]) -> str:
    """Describe the last request, after the first refused request if the last was not refused."""
    *earlier, last = history
    refused = next((request for request in earlier if request[2].status >= 400), None)
    if refused is None or last[2].status >= 400:
        return describe(*last)
    return f"{describe(*refused)}, then {describe(*last)}"


def describe_raised(house: House) -> str:
    """Return the last error that a clause's requests put in the log: "KeyError: 'x', app.py:7".

    A clause may read the reply to an earlier request; then the error is one of the whole log.
    """
    log, own = house.log.read_bytes(), house.list_code()
    for part, when in ((log[house.log_start :], ""), (log, "earlier in the log: ")):
        for error in find_errors(part.decode("utf-8", "replace"), own):
            place = f", {error.file}:{error.line}" if error.file else ""
            return f"{when}{error.describe()}{place}"
    return ""


def describe_comparison(op: str, left: object, right: object) -> list[str] | None:
    """Return a failed comparison of short values in plain words, None to leave it to pytest."""
    texts = (repr(left), repr(right))
    if op not in COMPARISONS or any(len(text) > MAX_SHOWN_CHARACTERS for text in texts):
        return None
    return [f"{texts[0]} {COMPARISONS[op]} {texts[1]}"]


def describe(method: str, target: str, reply: Reply) -> str:
    """Return a request and its reply in one line, with the sentence of an error page."""
    sentence = read_sentence(reply) if reply.status >= 400 else ""
    status = f"{reply.status} {phrase(reply.status)}"
    return " ".join(f"{method} {shorten(target)} -> {status} {sentence}".split())


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
        is_form = method == "POST" and not target.startswith("/api/")
        reply = send_form(site, target) if is_form else site.program.request(method, target)
        if reply.status in (404, 405) or reply.status >= 500:
            lacking.add(feature.id)
    return frozenset(lacking)


def send_form(site: Site, target: str) -> Reply:
    """Send a form that changes nothing, with the CSRF fields of its own guest.

    A site may refuse a form without a token before the site looks for the handler.
    """
    guest = site.guest()
    try:
        csrf = guest.csrf("/cart")
    except AssertionError:  # the site has no form
        csrf = {}
    return guest.post_bare(target, {**csrf, "dish_id": str(site.plain_ids[0]), "quantity": "x"})
