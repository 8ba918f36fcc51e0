"""The working folder of web2py: its code, one application, and the files that it writes."""

import locale
import os
import sys
from pathlib import Path
from shutil import rmtree

import source

HERE = Path(__file__).parent.absolute()
ROUTERS = "routers = {{'BASE': {{'default_application': {!r}}}}}\n"


def start(application, settings, routes=None, compiled=False):
    """Create the folder, start web2py in it, and return web2py's package gluon.

    There can be one per process: gluon stores the folder, the routes and more in globals.
    """
    work = settings.photos_dir.parent / f"web2py.{os.getpid()}"
    remove_left_behind(work.parent)
    lay_out(work, application, settings.static_dir, routes)
    os.environ["web2py_path"] = str(work)  # noqa: SIM112  # web2py's spelling
    sys.path.insert(0, str(work))
    gluon = imported()
    if compiled:
        gluon.compileapp.compile_application(str(work / "applications" / application))
    return gluon


def lay_out(work, application, static_dir, routes):
    """Link the files that are read; sessions, tickets and bytecode get real folders."""
    linked = work / "applications" / application
    linked.mkdir(parents=True)
    for part in (HERE / "applications" / application).iterdir():
        (linked / part.name).symlink_to(part)
    (linked / "static").symlink_to(static_dir)
    (work / "gluon").symlink_to(source.find() / "gluon")
    if routes:
        (work / "routes.py").symlink_to(HERE / routes)
    else:
        (work / "routes.py").write_text(ROUTERS.format(application))


def imported():
    """Import web2py, and restore the locale, which web2py sets to C (file encoding ASCII)."""
    characters = locale.setlocale(locale.LC_CTYPE)
    import gluon.main

    locale.setlocale(locale.LC_CTYPE, characters)
    return gluon


def remove_left_behind(shelf):
    """Remove the folders of ended processes: a killed host cannot remove its own folder."""
    for work in shelf.glob("web2py.*"):
        owner = work.suffix[1:]
        if owner.isdecimal() and not alive(int(owner)):
            rmtree(work, ignore_errors=True)  # another process may do the same


def alive(pid):
    """Return whether a process with this id is running."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()
