"""The folder web2py works in: its own code, one application of ours, and all that it writes."""

import locale
import os
import sys
from pathlib import Path
from shutil import rmtree

import source

HERE = Path(__file__).parent.absolute()
ROUTERS = "routers = {{'BASE': {{'default_application': {!r}}}}}\n"


def start(application, settings, routes=None, compiled=False):
    """Lay the folder out, start web2py in it, and return the package gluon, which web2py is.

    There can be one in a process: gluon keeps the folder, the routes and more in globals.
    """
    work = settings.photos_dir.parent / f"web2py.{os.getpid()}"
    remove_left_behind(work.parent)
    lay_out(work, application, settings.static_dir, routes)
    os.environ["web2py_path"] = str(work)  # noqa: SIM112  # web2py spells it so
    sys.path.insert(0, str(work))
    gluon = imported()
    if compiled:
        gluon.compileapp.compile_application(str(work / "applications" / application))
    return gluon


def lay_out(work, application, static_dir, routes):
    """Link what is read; sessions, tickets and bytecode become real folders beside the links."""
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
    """Import web2py, which sets the locale to C meanwhile, and so files' encoding to ASCII."""
    characters = locale.setlocale(locale.LC_CTYPE)
    import gluon.main

    locale.setlocale(locale.LC_CTYPE, characters)
    return gluon


def remove_left_behind(shelf):
    """Remove what other processes worked in: a host may be killed, and then removes nothing."""
    for work in shelf.glob("web2py.*"):
        owner = work.suffix[1:]
        if owner.isdecimal() and not alive(int(owner)):
            rmtree(work, ignore_errors=True)  # another process may do the same


def alive(pid):
    """Whether another process is running under this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()
