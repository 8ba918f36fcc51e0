"""Assign each function that runs to a layer, by the path of its file."""

from pathlib import Path

from bench.core.paths import ROOT
from bench.frameworks.environments import Environment
from bench.frameworks.manifest import Framework
from bench.measure.workload.entries import Entry

JINJA2_PATTERNS = ("/jinja2/", "/markupsafe/")
TEMPLATE_FILE_PATTERNS = (".html:", ".jinja2:", ".tpl:", ".xhtml:", ".pt:", "<template>:")


def find_engine_patterns(framework: Framework) -> list[str]:
    """Return the patterns of a framework's template language, and of Jinja2, for shared pages.

    A pattern is a part of the path of a file, which may end in the name of a function.
    """
    return [*JINJA2_PATTERNS, *framework.template_code]


def build_layer_rules(entry: Entry, framework: Framework, photos: Path) -> list[tuple[str, str]]:
    """Return the rules (part of a path, layer); the first rule that matches a function applies.

    py4web and web2py run in a folder beside the photos, which has links to the app and to gluon.
    """
    folder = next(iter(entry.launch_specs.values())).folder or ROOT / "bench" / "agent"
    return [
        *(
            (pattern, "template")
            for pattern in (*TEMPLATE_FILE_PATTERNS, *find_engine_patterns(framework))
        ),
        (f"{ROOT}/shared_db/", "database"),
        ("/site-packages/sqlalchemy/", "database"),
        ("/site-packages/waitress/", "server"),
        (f"{ROOT}/bench/agent/", "server"),
        ("/site-packages/", "framework"),
        ("/gluon/", "framework"),
        (f"{folder}/", "app"),
        (f"{photos.parent}/", "app"),
    ]


def build_path_aliases(environment: Environment) -> list[tuple[str, str]]:
    """Return the beginnings of file paths, each with the short text that replaces it."""
    framework, source = environment.framework, environment.source
    apps = framework.folder.parent  # also has the templates that several frameworks share
    aliases = [(str(framework.folder), f"apps/{framework.name}/"), (str(apps), "apps/")]
    aliases.append((str(ROOT), ""))
    return aliases + ([(str(source.resolve()), "")] if source else [])
