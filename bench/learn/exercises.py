"""List the exercises of an app: its handlers, or the templates of its pages."""

from pathlib import Path

from bench.analysis.handlers import Handler, ParsedSite
from bench.analysis.reachability import find_reachable, find_templates
from bench.frameworks.features import FEATURES, Feature

HANDLERS, TEMPLATES, WHOLE = "handlers", "templates", "whole"  # what is blank
# The error page is needed by all exercises, so it is blank only from its own exercise on.
LAST = FEATURES[-1].id


def blank_template(feature: Feature) -> str:
    """Return a template with nothing but the feature's sentence, valid in every language."""
    return f"<div><!-- {feature.sentence} --></div>\n"


def find_template_owners(site: ParsedSite) -> dict[Path, Feature]:
    """Return the feature whose page a template is; shared parts such as the layout have none.

    Of the features that use a template, the first that shows a page owns it.
    """
    owners: dict[Path, Feature] = {}
    pages = [each for each in FEATURES if each.request.startswith("GET ")]
    for feature in (*pages, *FEATURES):
        for file in find_templates(site, feature):
            owners.setdefault(file, feature)
    return {file: owner for file, owner in owners.items() if not is_shared(file)}


def is_shared(file: Path) -> bool:
    """Return whether a template is a part of other pages, such as the layout or a dish's card."""
    return "layout" in file.stem or "card" in file.stem or file.stem.startswith("_")


def list_exercises(site: ParsedSite, blank: str) -> list[str]:
    """Return the exercises in the site's order, a caller before the handlers that it calls."""
    if blank == TEMPLATES:
        owners = {owner.id for owner in find_template_owners(site).values()}
        return [feature.id for feature in FEATURES if feature.id in owners]
    callers = find_callers(site)
    ordered: list[str] = []

    def add(exercise: str) -> None:
        if exercise not in ordered:
            for caller in callers.get(exercise, ()):
                add(caller)
            ordered.append(exercise)

    for feature in FEATURES:
        if site.select_handlers(feature):
            add(feature.id)
    return ordered


def find_callers(site: ParsedSite) -> dict[str, set[str]]:
    """Return the features without whose handler another handler is never called, by its feature.

    web2py calls the handler of a form from the handler of the form's page. Such a handler has no
    decorator, and answers at the address of its caller.
    """
    by_node = {handler.node: handler.feature for handler in site.handlers}
    callers: dict[str, set[str]] = {}
    for handler in site.handlers:
        for node, _ in find_reachable(site, handler):
            called = by_node.get(node, handler.feature)
            if (
                called != handler.feature
                and not node.decorator_list
                and has_address(handler, called)
            ):
                callers.setdefault(called.id, set()).add(handler.feature.id)
    return callers


def has_address(handler: Handler, feature: Feature) -> bool:
    """Return whether a handler answers at the address of another feature."""
    return handler.feature.request.partition(" ")[2] == feature.request.partition(" ")[2]
