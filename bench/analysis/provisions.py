"""What does a framework bring for each need of the site, and what was written here for it?

Its framework.toml says who serves a need: the framework, where its own feature or extension point
does the work, with something of ours plugged in or not; an add-on, by its distribution's name; or
this site's own code ("hand"). And it says where the code stands that was written for it, which is
counted, and by which names the framework serves the need, which is checked:
bench/analysis/provision_evidence.py.

[brings.sessions]
by = "framework"
names = ["flask.session"]
code = ["session.py", "handlers.py:staff_only"]
"""

from collections.abc import Mapping
from typing import Any

from packaging.utils import canonicalize_name

from bench.analysis.handlers import ParsedSite
from bench.analysis.provision_evidence import verify_addon, verify_framework
from bench.analysis.source_ranges import DeclarationError, find_declared_code
from bench.frameworks.manifest import Framework
from bench.frameworks.packages import Package

FRAMEWORK_PROVIDER, HAND_WRITTEN = "framework", "hand"


def verified_provisions(
    framework: Framework, site: ParsedSite, packages: list[Package], ran: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Return what serves each need, as the results keep it, and a line for what is not so.

    The shape: {need: {"by": "framework", "code": [Code as a dict], "lines": 12}}; needs of which
    nothing true is said are left out.
    """
    found, untrue = declared_provisions(framework, site)
    for need, said in [*found.items()]:
        try:
            if said["by"] == FRAMEWORK_PROVIDER:
                named = find_provider_packages(framework, packages, FRAMEWORK_PROVIDER)
                verify_framework(site, named, ran, need, framework.provisions[need].names)
            elif said["by"] != HAND_WRITTEN:
                verify_addon(
                    site, find_provider_packages(framework, packages, said["by"]), ran, need
                )
        except DeclarationError as error:
            untrue.append(f"brings.{need}: {error}")
            del found[need]
    return found, untrue


def declared_provisions(framework: Framework, site: ParsedSite) -> tuple[dict[str, Any], list[str]]:
    """Return the same without asking what ran: only the code that is named has to be there."""
    found: dict[str, Any] = {}
    untrue = []
    places = {place for said in framework.provisions.values() for place in said.code}
    for need, said in framework.provisions.items():
        try:
            code = [find_declared_code(site, place, places - {place}) for place in said.code]
        except DeclarationError as error:
            untrue.append(f"brings.{need}: {error}")
            continue
        lines = sum(one.lines for one in code)
        found[need] = {"by": said.provider, "code": [vars(one) for one in code], "lines": lines}
    return found, untrue


def find_provider_packages(framework: Framework, packages: list[Package], by: str) -> list[Package]:
    """Return the packages that are the framework, or an add-on; raise Untrue for one not there.

    What the framework pulls in is its own too, but for what is called an add-on.
    """
    addons = {canonicalize_name(one.provider) for one in framework.provisions.values()}
    if by == FRAMEWORK_PROVIDER:
        named = [one for one in packages if canonicalize_name(one.name) not in addons]
    else:
        named = [one for one in packages if canonicalize_name(one.name) == canonicalize_name(by)]
    if not named:
        raise DeclarationError(f"{by} is not among the packages it pulls in")
    return named
