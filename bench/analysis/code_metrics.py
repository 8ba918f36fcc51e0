"""Measure the code of each app, as a whole and for each feature: `cookoff code`."""

import io
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import lizard
import pygount

from bench.analysis.handlers import Handler, ParsedSite, is_hardening
from bench.analysis.imported_names import find_imports, used_names
from bench.analysis.reachability import find_template_files
from bench.core.errors import CookoffError
from bench.frameworks.app_files import CodeError, read_text
from bench.frameworks.environments import Environment
from bench.frameworks.features import FEATURES
from bench.frameworks.manifest import (
    DECLARATIONS,
    Framework,
)
from bench.frameworks.packages import Package, find_packages
from bench.results.schema import Code, FeatureCode, InstalledPackage, SourceRange

NOT_CONFIGURATION = (*DECLARATIONS, "ruff.toml")
CONFIGURATION_SUFFIXES = (
    ".cfg",
    ".conf",
    ".ini",
    ".json",
    ".toml",
    ".xml",
    ".yaml",
    ".yml",
    ".zcml",
)


def measure_code(environment: Environment) -> Code:
    """Return the metrics of a framework's app; raise CookoffError when its code cannot be read."""
    framework = environment.framework
    site, packages = ParsedSite(framework), find_packages(environment)
    names = ImportedNames(site, packages)
    hardening = {file: text for file, text in site.texts.items() if is_hardening(framework, file)}
    taught = {file: text for file, text in site.texts.items() if file not in hardening}
    return Code(
        name=framework.name,
        title=framework.title,
        version=environment.version,
        python_lines=sum(count_lines(text, ".py") for text in taught.values()),
        hardening_lines=sum(count_lines(text, ".py") for text in hardening.values()),
        template_lines=sum(map(count_file_lines, find_template_files(framework))),
        configuration_lines=sum(map(count_file_lines, find_configuration_files(framework))),
        branches=sum(map(count_branches, taught.values())),
        names=names.find_in_site(),
        packages=[
            InstalledPackage(package.name, package.version, package.size_bytes, package.licence)
            for package in packages
        ],
        megabytes=sum(package.size_bytes for package in packages) / 1e6,
        features=[
            measure_feature(feature.id, site.select_handlers(feature), names)
            for feature in FEATURES
        ],
        known_names=names.group_by_file(),
    )


def measure_feature(id: str, handlers: list[Handler], names: "ImportedNames") -> FeatureCode:
    """Return the metrics of one feature, whose handler may have several parts."""
    sources = [handler.source for handler in handlers]
    return FeatureCode(
        id=id,
        handlers=[
            SourceRange(
                handler.name,
                names.site.display_path(handler.file),
                handler.first_line,
                handler.last_line,
            )
            for handler in handlers
        ],
        lines=sum(count_lines(source, ".py") for source in sources),
        branches=sum(map(count_branches, sources)),
        names=sorted({name for handler in handlers for name in names.find_in_handler(handler)}),
    )


class ImportedNames:
    """The names of packages that an app uses."""

    def __init__(self, site: ParsedSite, packages: Iterable[Package]):
        modules = frozenset().union(*(package.modules for package in packages))
        self.site = site
        self.imports = {file: find_imports(tree, modules) for file, tree in site.trees.items()}

    def find_in_site(self) -> list[str]:
        """Return every used name of the site as taught once, sorted."""
        trees = self.site.trees.items()
        framework = self.site.framework
        uses = (
            used_names(tree, self.imports[file])
            for file, tree in trees
            if not is_hardening(framework, file)
        )
        return sorted(set(chain.from_iterable(uses)))

    def group_by_file(self) -> dict[str, dict[str, str]]:
        """Return the imports of every file: the local name, and the full name."""
        return {
            self.site.display_path(file): {
                local_name: full_name for local_name, (full_name, _) in imports.items()
            }
            for file, imports in self.imports.items()
            if imports
        }

    def find_in_handler(self, handler: Handler) -> Iterator[str]:
        """Yield the names that a handler uses."""
        return used_names(handler.node, self.imports[handler.file])


def read_sources(framework: Framework, site: ParsedSite) -> dict[str, str]:
    """Return the text of every code, template and configuration file by its displayed path."""
    others = [*find_template_files(framework), *find_configuration_files(framework)]
    texts = {file: read_text(file) for file in others}
    return {site.display_path(file): text for file, text in {**site.texts, **texts}.items()}


def find_configuration_files(framework: Framework) -> list[Path]:
    """Return the files that configure a framework, other than Python files.

    The manifest and the rules of the linter do not configure the framework.
    """
    candidates = (
        file for file in framework.folder.rglob("*") if file.suffix in CONFIGURATION_SUFFIXES
    )
    return sorted(file for file in candidates if file.name not in NOT_CONFIGURATION)


def count_file_lines(file: Path) -> int:
    """Return the number of code lines in a template or configuration file; raise CodeError."""
    # pygount does not know these suffixes: count .zcml as XML, and templates as HTML.
    suffix = {".zcml": ".xml"}.get(file.suffix, file.suffix)
    counted_suffix = suffix if file.suffix in CONFIGURATION_SUFFIXES else ".html"
    try:
        return count_lines(read_text(file), counted_suffix)
    except CodeError:
        raise
    except CookoffError as error:
        raise CodeError(f"{file}: {error}") from error


def count_lines(text: str, suffix: str) -> int:
    """Return the number of code lines, without blanks, lone brackets, comments and docstrings."""
    file = io.BytesIO(text.encode())
    analysis = pygount.SourceAnalysis.from_file(
        f"code{suffix}", "app", encoding="utf-8", file_handle=file
    )
    if not analysis.is_countable and text.strip():
        raise CookoffError(f"pygount cannot count the lines of a {suffix} file")
    lines: int = analysis.source_count
    return lines


def count_branches(source: str) -> int:
    """Return the number of decision points in Python code."""
    functions = lizard.analyze_file.analyze_source_code("code.py", source).function_list
    return sum(function.cyclomatic_complexity - 1 for function in functions)
