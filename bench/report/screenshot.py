"""Make the README's picture: the site's menu and the report's overview table.

The first framework of the results serves the menu. Needs playwright and Chromium, which otherwise
only the tests need.
"""

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader

import shared_db
from bench.core.errors import DependencyError
from bench.core.files import write_file
from bench.core.paths import Paths
from bench.frameworks import environments
from bench.frameworks.manifest import discover_frameworks
from bench.report.site import render_site, write_pages
from bench.results.schema import ComparedResults
from bench.runtime.database import build_launch_spec, build_settings
from bench.runtime.host import get_listener_url, listen, start_host

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTH = 1280
# Browsers load pictures below the screen later.
ALL_IMAGES_LOADED = """[...document.images].every(
    (image) => image.getBoundingClientRect().top > innerHeight ||
    (image.complete && image.naturalWidth))"""


def write_screenshot(results: ComparedResults, paths: Paths, file: Path) -> None:
    """Write the picture; raise DependencyError without playwright or Chromium.

    After an error the file is unchanged.
    """
    with open_browser() as chromium:
        capture_screenshot(chromium, results, paths, file)


def capture_screenshot(
    chromium: "Browser", results: ComparedResults, paths: Paths, file: Path
) -> None:
    """Write the picture with this browser."""
    name = next(iter(results.frameworks))
    with TemporaryDirectory() as folder, running_server(name, paths, folder) as url:
        page = chromium.new_page(
            viewport={"width": WIDTH, "height": 800},
            bypass_csp=True,  # the site's policy forbids eval, which wait_for_function needs
        )
        page.goto(url)
        page.wait_for_function(ALL_IMAGES_LOADED)
        site = page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": 800})
        report = Path(folder) / "index.html"
        write_pages(Path(folder), render_site(results))
        page.goto(report.as_uri())
        page.add_style_tag(content="body { max-width: none }")  # show the whole table
        table = page.locator("#overview").screenshot()
        page.set_content(compose_page(site, table))
        write_file(file, page.screenshot(full_page=True))


def compose_page(site: bytes, table: bytes) -> str:
    """Return a page with both pictures, given as PNG bytes."""
    environment = Environment(loader=PackageLoader("bench.report", "templates"), autoescape=True)
    return environment.get_template("picture.html").render(
        site=base64.b64encode(site).decode(), table=base64.b64encode(table).decode()
    )


@contextmanager
def open_browser() -> Iterator["Browser"]:
    """Yield a browser; raise DependencyError if playwright or Chromium is missing."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise DependencyError("playwright is missing; run: make .venv/.test") from error
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise DependencyError("Chromium is missing; install it (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        # Chromium's sandbox cannot start in a container; the browser opens only local pages.
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def running_server(name: str, paths: Paths, folder: str) -> Iterator[str]:
    """Yield the address of a framework's site on a fresh database."""
    framework = discover_frameworks(paths.apps).get(name)
    environment = environments.ensure_environment(framework, paths)
    url = f"sqlite:///{folder}/database.sqlite3"
    shared_db.create(url)
    settings = build_settings(environment.title, paths, url, photos_dir=f"{folder}/photos")
    with listen() as listener:
        host = start_host(
            build_launch_spec(environment, settings), listener, paths.prepare_log_path("picture")
        )
        try:
            yield get_listener_url(listener)
        finally:
            host.stop()
