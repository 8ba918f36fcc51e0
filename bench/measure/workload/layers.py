"""Assign each function that runs to a layer, by the path of its file."""

from pathlib import Path

from bench.core.paths import ROOT
from bench.frameworks.environments import Environment
from bench.measure.workload.entries import Entry

# Parts of file paths and function names of each template language that a framework.toml names.
ENGINE_PATTERNS = {
    "Jinja2": ("/jinja2/", "/markupsafe/"),
    "SimpleTemplate": ("bottle.py:SimpleTemplate", "bottle.py:BaseTemplate", "bottle.py:template"),
    "Django templates": ("/django/template/", "/django/utils/html.py", "/django/utils/safestring"),
    "Kajiki": ("/kajiki/",),
    # py4web renders these templates with Renoir. web2py compiles its views beforehand; the
    # functions that the views call are in modules with many other functions.
    "YATL": (
        "/yatl/",
        "/renoir/",
        "/compiled/views.",
        "/gluon/template.py:",
        "/gluon/html.py:xmlescape",
        "/gluon/globals.py:Response.write",
    ),
    # The file name of a compiled template begins with the path of the template.
    "Chameleon": ("/chameleon/", "/z3c/pt/", "/pagetemplate/", "/templates/"),
}
TEMPLATE_FILE_PATTERNS = (".html:", ".jinja2:", ".tpl:", ".xhtml:", ".pt:", "<template>:")


def find_engine_patterns(engine: str) -> list[str]:
    """Return the patterns of a template language, and of Jinja2, which the shared pages use."""
    return [*ENGINE_PATTERNS["Jinja2"], *ENGINE_PATTERNS.get(engine, ())]


def build_layer_rules(entry: Entry, engine: str, photos: Path) -> list[tuple[str, str]]:
    """Return the rules (part of a path, layer); the first rule that matches a function applies.

    `engine` is the framework's template language. py4web and web2py run in a folder beside the
    photos, which has links to the app and to gluon.
    """
    folder = next(iter(entry.launch_specs.values())).folder or ROOT / "bench" / "agent"
    return [
        *(
            (pattern, "template")
            for pattern in (*TEMPLATE_FILE_PATTERNS, *find_engine_patterns(engine))
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
