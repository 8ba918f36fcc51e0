"""Assign each function that runs to a layer, by the path of its file."""

from pathlib import Path

from bench.core.paths import ROOT
from bench.frameworks.environments import Environment
from bench.measure.workload.entries import Entry

# What stands in the files, and names, of each template language that a framework.toml names.
ENGINE_PATTERNS = {
    "Jinja2": ("/jinja2/", "/markupsafe/"),
    "SimpleTemplate": ("bottle.py:SimpleTemplate", "bottle.py:BaseTemplate", "bottle.py:template"),
    "Django templates": ("/django/template/", "/django/utils/html.py", "/django/utils/safestring"),
    "Kajiki": ("/kajiki/",),
    # Renoir runs them in py4web. web2py compiles its views beforehand, and brings what they call
    # in modules with much else.
    "YATL": (
        "/yatl/",
        "/renoir/",
        "/compiled/views.",
        "/gluon/template.py:",
        "/gluon/html.py:xmlescape",
        "/gluon/globals.py:Response.write",
    ),
    "Zope page templates": ("/pagetemplate/", "/z3c/pt/", "/chameleon/", "/zope/tal"),
}
TEMPLATE_FILE_PATTERNS = (".html:", ".jinja2:", ".tpl:", ".xhtml:", ".pt:", "<template>:")


def build_layer_rules(entry: Entry, engine: str, photos: Path) -> list[tuple[str, str]]:
    """Return what tells the layer of a function by its file: the first that fits.

    py4web and web2py work in a folder beside the photos, with links to the app and to gluon.
    """
    folder = next(iter(entry.launch_specs.values())).folder or ROOT / "bench" / "agent"
    engines = [*ENGINE_PATTERNS["Jinja2"], *ENGINE_PATTERNS.get(engine, ())]
    return [
        *((mark, "template") for mark in (*TEMPLATE_FILE_PATTERNS, *engines)),
        (f"{ROOT}/shared_db/", "larder"),
        ("/site-packages/sqlalchemy/", "larder"),
        ("/site-packages/waitress/", "server"),
        (f"{ROOT}/bench/agent/", "server"),
        ("/site-packages/", "framework"),
        ("/gluon/", "framework"),
        (f"{folder}/", "app"),
        (f"{photos.parent}/", "app"),
    ]


def build_path_aliases(environment: Environment) -> list[tuple[str, str]]:
    """Return what paths of files begin with, and what is shown in its place."""
    framework, source = environment.framework, environment.source
    apps = framework.folder.parent  # the pages that several share stand there, too
    known = [(str(framework.folder), f"apps/{framework.name}/"), (str(apps), "apps/")]
    known.append((str(ROOT), ""))
    return known + ([(str(source.resolve()), "")] if source else [])
