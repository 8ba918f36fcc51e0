"""Serve the menu with as little code as possible: the floor of a measurement.

A single query on an open connection of sqlite3, and the site's template, compiled once: no routes,
sessions, extra headers, timing or entity tags. Runs inside the environment of `bare`. The floor is
the cost that all frameworks share.
"""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import Environment, FileSystemLoader

from shared_db.records import COURSES, Dish, Section
from shared_db.settings import Settings

MENU_QUERY = f"SELECT {', '.join(Dish._fields)} FROM dishes ORDER BY id"


def create_app(settings: Settings) -> Callable[..., Iterable[bytes]]:
    """Return the WSGI callable that answers every request with the menu."""
    path = settings.database_url.removeprefix("sqlite:///")
    cursor = sqlite3.connect(path, check_same_thread=False).cursor()
    loader = FileSystemLoader(settings.pages_dir)
    templates = Environment(loader=loader, autoescape=True, auto_reload=False)
    render = templates.get_template("menu.html").render

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        courses: dict[str, list[Dish]] = {course: [] for course, _ in COURSES}
        for dish in map(Dish._make, cursor.execute(MENU_QUERY).fetchall()):
            courses[dish.course].append(dish)
        sections = [Section(course, title, courses[course]) for course, title in COURSES]
        body = render(sections=sections, cart_count=0, flash=[], status=200).encode()
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [body]

    return application
