"""Verify and count what provides each need of the site: a framework, an add-on, or the app's code.

framework.toml declares for each need:
- by: "framework" when a feature or an extension point of the framework does the work, the name of a
  distribution for an add-on, or "hand" for code of the app;
- code: the code that was written for the need, which is counted;
- names: the names of the framework that provide the need, on lines that run for it;
- at_start: names of the framework on lines that run when the app starts, such as a renderer that is
  made once. Both are verified by bench/analysis/provision_evidence.py.

[brings.sessions]
by = "framework"
names = ["flask.session"]
code = ["session.py", "handlers.py:staff_only"]
"""

from packaging.utils import canonicalize_name

from bench.analysis.handlers import ParsedSite
from bench.analysis.provision_evidence import verify_addon, verify_framework
from bench.analysis.source_ranges import DeclarationError, find_declared_code
from bench.frameworks.manifest import Framework
from bench.frameworks.packages import Package
from bench.results.schema import CoveredLines, Provision

FRAMEWORK_PROVIDER, HAND_WRITTEN = "framework", "hand"


def verified_provisions(
    framework: Framework, site: ParsedSite, packages: list[Package], coverage: CoveredLines
) -> tuple[dict[str, Provision], list[str]]:
    """Return the provision of each need for the results, and one line for each false declaration.

    The provisions lack the needs whose declaration is false.
    """
    provisions, errors = declared_provisions(framework, site)
    for need, provision in [*provisions.items()]:
        provider = provision.provider
        try:
            if provider == FRAMEWORK_PROVIDER:
                own = find_provider_packages(framework, packages, FRAMEWORK_PROVIDER)
                verify_framework(site, own, coverage, need, framework.provisions[need])
            elif provider != HAND_WRITTEN:
                addon = find_provider_packages(framework, packages, provider)
                verify_addon(site, addon, coverage, need)
        except DeclarationError as error:
            errors.append(f"brings.{need}: {error}")
            del provisions[need]
    return provisions, errors


def declared_provisions(
    framework: Framework, site: ParsedSite
) -> tuple[dict[str, Provision], list[str]]:
    """Return the same without verifying executed lines: the declared code must exist."""
    provisions: dict[str, Provision] = {}
    errors = []
    locations = {location for each in framework.provisions.values() for location in each.code}
    for need, declared in framework.provisions.items():
        try:
            code = [
                find_declared_code(site, location, locations - {location})
                for location in declared.code
            ]
        except DeclarationError as error:
            errors.append(f"brings.{need}: {error}")
            continue
        provisions[need] = Provision(declared.provider, sum(part.lines for part in code), code)
    return provisions, errors


def find_provider_packages(
    framework: Framework, packages: list[Package], provider: str
) -> list[Package]:
    """Return the packages of the framework or of an add-on; raise DeclarationError without any.

    The dependencies of a framework belong to the framework, except for declared add-ons.
    """
    by_name = {canonicalize_name(package.name): package for package in packages}
    if provider == FRAMEWORK_PROVIDER:
        names = by_name.keys() - {
            canonicalize_name(p.provider) for p in framework.provisions.values()
        }
    else:
        names = by_name.keys() & {canonicalize_name(provider)}
    if not names:
        raise DeclarationError(f"{provider} is not one of the framework's packages")
    return [package for name, package in by_name.items() if name in names]
