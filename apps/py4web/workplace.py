"""The apps folder of py4web: one application, and the files that py4web writes."""

import atexit
import os
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from py4web.core import Reloader, wsgi

APPLICATIONS = Path(__file__).parent.absolute() / "applications"
# py4web loads an application without arguments, so the application reads its settings from here.
given = {}


def start(application, settings, **more):
    """Return py4web's WSGI callable with one application; there is one callable per process."""
    given.update(more, settings=settings)
    settings.photos_dir.parent.mkdir(parents=True, exist_ok=True)
    work = Path(mkdtemp(prefix="py4web-", dir=settings.photos_dir.parent))
    atexit.register(remove, work, os.getpid())
    lay_out(work / "apps" / "_default", application, settings.static_dir)
    folder = str(work / "apps")
    # Production: no dashboard, no debugging of fixtures, and without run() no watching of files.
    # A template is compiled once; py4web has no setting to stop comparing its file's time.
    # https://py4web.com/_documentation/static/en/chapter-03.html#wsgi
    app = wsgi(apps_folder=folder, yes=True, dashboard_mode="none", debug=settings.debug)
    # py4web continues without an application that failed.
    if failure := Reloader.ERRORS["_default"]:
        raise RuntimeError(failure)
    return app


def lay_out(folder, application, static_dir):
    """Link the parts of an application; under the name _default its addresses have no prefix."""
    folder.mkdir(parents=True)
    for part in (APPLICATIONS / application).iterdir():
        (folder / part.name).symlink_to(part)
    send_static(folder, static_dir)


def send_static(folder, static_dir):
    """Serve a static file."""
    # py4web itself serves the folder with this name in an application.
    (folder / "static").symlink_to(static_dir)


def remove(work, owner):
    """Remove the folder, but not when a process ends that was forked from its owner."""
    if os.getpid() == owner:
        rmtree(work)
