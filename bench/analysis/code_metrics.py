"""How much code did the site take in each framework, as a whole and feature by feature?

Run: cookoff code
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import lizard
import pygount

from bench.analysis.handlers import Handler, Site
from bench.analysis.imported_names import imported_in, taken_in
from bench.analysis.reachability import template_files
from bench.core.errors import Trouble
from bench.frameworks.app_files import CodeError, read_text
from bench.frameworks.environments import Environment
from bench.frameworks.features import FEATURES
from bench.frameworks.manifest import FACTS, Framework
from bench.frameworks.packages import Package, pulled_in

CONFIGURATION = (".cfg", ".conf", ".ini", ".json", ".toml", ".xml", ".yaml", ".yml", ".zcml")


@dataclass(frozen=True)
class Place:
    """Where a handler, or one of its parts, stands."""

    name: str  # with its class: "Orders.on_post"
    file: str  # from the folder of the apps on: "flask/handlers.py"
    first_line: int
    last_line: int


@dataclass(frozen=True)
class FeatureFacts:
    """What one feature took in one app."""

    id: str
    handlers: list[Place]
    lines: int  # of Python; lines_of() says which count
    branches: int  # places where the way parts: if, for, and, except, ...
    names: list[str]  # taken from the framework and what it brings


@dataclass(frozen=True)
class CodeFacts:
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
    features: list[FeatureFacts]
    known_names: dict[str, dict[str, str]]  # by file: the word there, and its full name

    def as_dict(self) -> dict[str, object]:
        """Return the facts as JSON may hold them."""
        return asdict(self)


def facts_of(environment: Environment) -> CodeFacts:
    """Return the facts of one framework's app; raise Trouble when its code cannot be read."""
    framework = environment.framework
    site, packages = Site(framework), pulled_in(environment)
    names = Names(site, packages)
    return CodeFacts(
        name=framework.name,
        title=framework.title,
        version=environment.version,
        python_lines=sum(lines_of(text, ".py") for text in site.texts.values()),
        template_lines=sum(map(lines_in, template_files(framework))),
        configuration_lines=sum(map(lines_in, configuration_files(framework))),
        branches=sum(map(branches_in, site.texts.values())),
        names=names.in_site(),
        packages=[
            {"name": p.name, "version": p.version, "bytes": p.bytes, "licence": p.licence}
            for p in packages
        ],
        megabytes=sum(package.bytes for package in packages) / 1e6,
        features=[feature_facts(feature.id, site.of(feature), names) for feature in FEATURES],
        known_names=names.by_file(),
    )


def feature_facts(id: str, handlers: list[Handler], names: "Names") -> FeatureFacts:
    """Return the facts of one feature, whose handler may have several parts."""
    sources = [handler.source for handler in handlers]
    return FeatureFacts(
        id=id,
        handlers=[
            Place(one.name, names.site.shown(one.file), one.first_line, one.last_line)
            for one in handlers
        ],
        lines=sum(lines_of(source, ".py") for source in sources),
        branches=sum(map(branches_in, sources)),
        names=sorted({name for handler in handlers for name in names.in_handler(handler)}),
    )


class Names:
    """The names an app takes from packages."""

    def __init__(self, site: Site, packages: Iterable[Package]):
        modules = frozenset().union(*(package.modules for package in packages))
        self.site = site
        self.known = {file: imported_in(tree, modules) for file, tree in site.trees.items()}

    def in_site(self) -> list[str]:
        """Return every name in the site, each once."""
        trees = self.site.trees.items()
        return sorted({name for f, tree in trees for name in taken_in(tree, self.known[f])})

    def by_file(self) -> dict[str, dict[str, str]]:
        """Return what every file imports of them: the word there, and its full name."""
        return {
            self.site.shown(file): {word: there for word, (there, _) in known.items()}
            for file, known in self.known.items()
            if known
        }

    def in_handler(self, handler: Handler) -> Iterator[str]:
        """Yield the names in one handler."""
        return taken_in(handler.node, self.known[handler.file])


def sources_of(framework: Framework, site: Site) -> dict[str, str]:
    """Return the text of every file of an app, templates and configuration too, as shown."""
    others = [*template_files(framework), *configuration_files(framework)]
    texts = {file: read_text(file) for file in others}
    return {site.shown(file): text for file, text in {**site.texts, **texts}.items()}


def configuration_files(framework: Framework) -> list[Path]:
    """Return the files in which a framework is set up by other means than Python.

    Neither our own facts about it nor a linter's rules set it up.
    """
    found = (file for file in framework.folder.rglob("*") if file.suffix in CONFIGURATION)
    return sorted(file for file in found if file.name not in (FACTS, "ruff.toml"))


def lines_in(file: Path) -> int:
    """Return how many lines of a template or configuration file are code."""
    # Endings that pygount does not know are counted as what they are: templates as HTML.
    suffix = {".zcml": ".xml"}.get(file.suffix, file.suffix)
    known = suffix if file.suffix in CONFIGURATION else ".html"
    try:
        return lines_of(read_text(file), known)
    except CodeError:
        raise
    except Trouble as error:
        raise CodeError(f"{file}: {error}") from error


def lines_of(text: str, suffix: str) -> int:
    """Return how many lines are code: not blank, not only brackets, no comment, no docstring."""
    file = io.BytesIO(text.encode())
    analysis = pygount.SourceAnalysis.from_file(
        f"code{suffix}", "app", encoding="utf-8", file_handle=file
    )
    if not analysis.is_countable and text.strip():
        raise Trouble(f"pygount cannot count the lines of a {suffix} file")
    lines: int = analysis.source_count
    return lines


def branches_in(source: str) -> int:
    """Return in how many places the way through some Python parts."""
    functions = lizard.analyze_file.analyze_source_code("code.py", source).function_list
    return sum(function.cyclomatic_complexity - 1 for function in functions)
