"""What do the site and the report look like, in one picture for the README?

The menu as the first kitchen of the results serves it right now, and the table at a glance of the
report on these results. Needs playwright and Chromium, which only the tests have else.
"""

import base64
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader

import shared_db
from bench.core.errors import DependencyError
from bench.core.files import write_file
from bench.core.paths import Paths
from bench.frameworks import environments
from bench.frameworks.manifest import discover_frameworks
from bench.report.page import render_report
from bench.runtime.database import build_launch_spec, build_settings
from bench.runtime.host import get_listener_url, listen, start_host

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTH = 1280
# Pictures further down are fetched when somebody comes near them.
ALL_IMAGES_LOADED = """[...document.images].every(
    (one) => one.getBoundingClientRect().top > innerHeight || (one.complete && one.naturalWidth))"""


def write_screenshot(found: Mapping[str, Any], places: Paths, file: Path) -> None:
    """Write the picture; raise Missing without playwright or Chromium, and leave the file then."""
    with open_browser() as chromium:
        capture_screenshot(chromium, found, places, file)


def capture_screenshot(
    chromium: "Browser", found: Mapping[str, Any], places: Paths, file: Path
) -> None:
    """Write the picture with this browser."""
    name = next(iter(found["frameworks"]))
    with TemporaryDirectory() as folder, running_server(name, places, folder) as url:
        page = chromium.new_page(
            viewport={"width": WIDTH, "height": 800},
            bypass_csp=True,  # the site's own forbids the wait below, which makes code of words
        )
        page.goto(url)
        page.wait_for_function(ALL_IMAGES_LOADED)
        site = page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": 800})
        report = Path(folder) / "index.html"
        report.write_text(render_report(dict(found)), encoding="utf-8")
        page.set_viewport_size({"width": 2 * WIDTH, "height": 800})
        page.goto(report.as_uri())
        page.add_style_tag(content="body { max-width: none }")  # the whole table, however wide
        table = page.locator("#glance-table").screenshot()
        page.set_viewport_size({"width": WIDTH, "height": 800})
        page.set_content(compose_page(site, table))
        write_file(file, page.screenshot(full_page=True))


def compose_page(site: bytes, table: bytes) -> str:
    """Return a page of these two pictures."""
    encoded = (base64.b64encode(one).decode() for one in (site, table))
    names = dict(zip(("site", "table"), encoded, strict=True))
    pages = Environment(loader=PackageLoader("bench.report", "templates"), autoescape=True)
    return pages.get_template("picture.html").render(names)


@contextmanager
def open_browser() -> Iterator["Browser"]:
    """Give a browser; raise Missing where there is none."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise DependencyError("playwright is missing; run: make .venv/.test") from error
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise DependencyError("Chromium is missing; install it (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        # Inside a container its own sandbox cannot start; only pages of this machine are opened.
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def running_server(name: str, places: Paths, folder: str) -> Iterator[str]:
    """Give the address of a kitchen on a fresh larder."""
    environment = environments.ensure_environment(
        discover_frameworks(places.apps).get(name), places
    )
    url = f"sqlite:///{folder}/larder.sqlite3"
    shared_db.create(url)
    settings = build_settings(environment.title, places, url, photos_dir=f"{folder}/photos")
    with listen() as listener:
        host = start_host(
            build_launch_spec(environment, settings), listener, places.prepare_log_path("picture")
        )
        try:
            yield get_listener_url(listener)
        finally:
            host.stop()
