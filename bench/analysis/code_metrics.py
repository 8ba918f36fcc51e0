"""How much code did the site take in each framework, as a whole and feature by feature?

Run: cookoff code
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import lizard
import pygount

from bench.analysis.handlers import Handler, ParsedSite
from bench.analysis.imported_names import find_imports, used_names
from bench.analysis.reachability import find_template_files
from bench.core.errors import CookoffError
from bench.frameworks.app_files import CodeError, read_text
from bench.frameworks.environments import Environment
from bench.frameworks.features import FEATURES
from bench.frameworks.manifest import MANIFEST_FILE, Framework
from bench.frameworks.packages import Package, find_packages

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


@dataclass(frozen=True)
class CodeLocation:
    """Where a handler, or one of its parts, stands."""

    name: str  # with its class: "Orders.on_post"
    file: str  # from the folder of the apps on: "flask/handlers.py"
    first_line: int
    last_line: int


@dataclass(frozen=True)
class FeatureMetrics:
    """What one feature took in one app."""

    id: str
    handlers: list[CodeLocation]
    lines: int  # of Python; lines_of() says which count
    branches: int  # places where the way parts: if, for, and, except, ...
    names: list[str]  # taken from the framework and what it brings


@dataclass(frozen=True)
class CodeMetrics:
    """What one whole site took."""

    name: str
    title: str
    version: str
    python_lines: int
    template_lines: int
    configuration_lines: int
    branches: int
    names: list[str]
    packages: list[dict[str, object]]
    megabytes: float
    features: list[FeatureMetrics]
    known_names: dict[str, dict[str, str]]  # by file: the word there, and its full name

    def as_dict(self) -> dict[str, object]:
        """Return the facts as JSON may hold them."""
        return asdict(self)


def measure_code(environment: Environment) -> CodeMetrics:
    """Return the facts of one framework's app; raise Trouble when its code cannot be read."""
    framework = environment.framework
    site, packages = ParsedSite(framework), find_packages(environment)
    names = ImportedNames(site, packages)
    return CodeMetrics(
        name=framework.name,
        title=framework.title,
        version=environment.version,
        python_lines=sum(count_lines(text, ".py") for text in site.texts.values()),
        template_lines=sum(map(count_file_lines, find_template_files(framework))),
        configuration_lines=sum(map(count_file_lines, find_configuration_files(framework))),
        branches=sum(map(count_branches, site.texts.values())),
        names=names.find_in_site(),
        packages=[
            {"name": p.name, "version": p.version, "bytes": p.size_bytes, "licence": p.licence}
            for p in packages
        ],
        megabytes=sum(package.size_bytes for package in packages) / 1e6,
        features=[
            measure_feature(feature.id, site.select_handlers(feature), names)
            for feature in FEATURES
        ],
        known_names=names.group_by_file(),
    )


def measure_feature(id: str, handlers: list[Handler], names: "ImportedNames") -> FeatureMetrics:
    """Return the facts of one feature, whose handler may have several parts."""
    sources = [handler.source for handler in handlers]
    return FeatureMetrics(
        id=id,
        handlers=[
            CodeLocation(one.name, names.site.display_path(one.file), one.first_line, one.last_line)
            for one in handlers
        ],
        lines=sum(count_lines(source, ".py") for source in sources),
        branches=sum(map(count_branches, sources)),
        names=sorted({name for handler in handlers for name in names.find_in_handler(handler)}),
    )


class ImportedNames:
    """The names an app takes from packages."""

    def __init__(self, site: ParsedSite, packages: Iterable[Package]):
        modules = frozenset().union(*(package.modules for package in packages))
        self.site = site
        self.imports = {file: find_imports(tree, modules) for file, tree in site.trees.items()}

    def find_in_site(self) -> list[str]:
        """Return every name in the site, each once."""
        trees = self.site.trees.items()
        return sorted({name for f, tree in trees for name in used_names(tree, self.imports[f])})

    def group_by_file(self) -> dict[str, dict[str, str]]:
        """Return what every file imports of them: the word there, and its full name."""
        return {
            self.site.display_path(file): {word: there for word, (there, _) in known.items()}
            for file, known in self.imports.items()
            if known
        }

    def find_in_handler(self, handler: Handler) -> Iterator[str]:
        """Yield the names in one handler."""
        return used_names(handler.node, self.imports[handler.file])


def read_sources(framework: Framework, site: ParsedSite) -> dict[str, str]:
    """Return the text of every file of an app, templates and configuration too, as shown."""
    others = [*find_template_files(framework), *find_configuration_files(framework)]
    texts = {file: read_text(file) for file in others}
    return {site.display_path(file): text for file, text in {**site.texts, **texts}.items()}


def find_configuration_files(framework: Framework) -> list[Path]:
    """Return the files in which a framework is set up by other means than Python.

    Neither our own facts about it nor a linter's rules set it up.
    """
    found = (file for file in framework.folder.rglob("*") if file.suffix in CONFIGURATION_SUFFIXES)
    return sorted(file for file in found if file.name not in (MANIFEST_FILE, "ruff.toml"))


def count_file_lines(file: Path) -> int:
    """Return how many lines of a template or configuration file are code."""
    # Endings that pygount does not know are counted as what they are: templates as HTML.
    suffix = {".zcml": ".xml"}.get(file.suffix, file.suffix)
    known = suffix if file.suffix in CONFIGURATION_SUFFIXES else ".html"
    try:
        return count_lines(read_text(file), known)
    except CodeError:
        raise
    except CookoffError as error:
        raise CodeError(f"{file}: {error}") from error


def count_lines(text: str, suffix: str) -> int:
    """Return how many lines are code: not blank, not only brackets, no comment, no docstring."""
    file = io.BytesIO(text.encode())
    analysis = pygount.SourceAnalysis.from_file(
        f"code{suffix}", "app", encoding="utf-8", file_handle=file
    )
    if not analysis.is_countable and text.strip():
        raise CookoffError(f"pygount cannot count the lines of a {suffix} file")
    lines: int = analysis.source_count
    return lines


def count_branches(source: str) -> int:
    """Return in how many places the way through some Python parts."""
    functions = lizard.analyze_file.analyze_source_code("code.py", source).function_list
    return sum(function.cyclomatic_complexity - 1 for function in functions)
