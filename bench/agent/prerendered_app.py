"""What would a page of `bare` cost if no template had to be filled in?

The whole site runs, but each of its templates gives the text that it gave the first time. So it can
answer only pages that show everybody the same; what `bare` takes more for them is Jinja2's part. It
runs inside the environment of `bare`, and imports the site from its folder.
"""

import importlib
from typing import Any


def create_app(settings: Any) -> Any:
    """Return bare's WSGI callable, its templates replaced."""
    site = importlib.import_module("app").create_app(settings)
    site.pages = PrerenderedTemplates(site.pages)
    return site


class PrerenderedTemplates:
    """Stands for Jinja2's environment, and knows each template by what it gave."""

    def __init__(self, environment: Any):
        self._environment = environment
        self._known: dict[str, PrerenderedTemplate] = {}

    def get_template(self, name: str) -> "PrerenderedTemplate":
        """Return a template by its name."""
        if name not in self._known:
            self._known[name] = PrerenderedTemplate(self._environment.get_template(name))
        return self._known[name]


class PrerenderedTemplate:
    """A template that is filled in once."""

    def __init__(self, template: Any):
        self._template, self._text = template, ""

    def render(self, *values: Any, **more: Any) -> str:
        """Return the text it gave the first time, whatever the values are now."""
        if not self._text:
            self._text = self._template.render(*values, **more)
        return self._text
