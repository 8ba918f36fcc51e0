"""Serve the site of `bare` with templates that are rendered once.

The whole site runs, but each template returns the text of its first rendering, so this app can only
serve pages that are equal for all users. The time that `bare` takes more is the share of Jinja2.
Runs inside the environment of `bare`, and imports the site from its folder.
"""

import importlib
from typing import Any


def create_app(settings: Any) -> Any:
    """Return the WSGI callable of `bare`, with pre-rendered templates."""
    site = importlib.import_module("app").create_app(settings)
    site.pages = PrerenderedTemplates(site.pages)
    return site


class PrerenderedTemplates:
    """Stands in for Jinja2's environment."""

    def __init__(self, environment: Any):
        self._environment = environment
        self._templates: dict[str, PrerenderedTemplate] = {}

    def get_template(self, name: str) -> "PrerenderedTemplate":
        """Return the template of a name."""
        if name not in self._templates:
            self._templates[name] = PrerenderedTemplate(self._environment.get_template(name))
        return self._templates[name]


class PrerenderedTemplate:
    """A template that is rendered once."""

    def __init__(self, template: Any):
        self._template, self._text = template, ""

    def render(self, *values: Any, **more: Any) -> str:
        """Return the text of the first rendering, whatever the values."""
        if not self._text:
            self._text = self._template.render(*values, **more)
        return self._text
