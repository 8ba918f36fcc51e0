"""Fixtures: a workbench with two frameworks, and a third site that differs where it is asked to."""

import shutil
from dataclasses import replace

import pytest

from bench.core.paths import Paths
from tests.bench.kitchens import environment_of
from tests.bench.workbench.running import running_workbench

# Added to a copy of bare: each path of a dish has one difference.
FAULTS = """
import os as _os, re as _re, sqlite3 as _sqlite3, time as _time

_call, _init = Site.__call__, Site.__init__


def _remember(self, settings, *more):
    _init(self, settings, *more)
    self._file = settings.database_url.removeprefix("sqlite:///")


def _change(self, environ, start_response):
    path, added = environ["PATH_INFO"], []
    if path == "/dishes/1":
        added = [("Referrer-Policy", "no-referrer")]
    if path == "/dishes/3":
        with _sqlite3.connect(self._file) as database:
            database.execute("UPDATE dishes SET portions = 77 WHERE id = 20")
        database.close()
    if path == "/dishes/6":
        _time.sleep(1.3)
    if path == "/dishes/7":
        _os._exit(9)

    def start(status, headers, *failure):
        names = {name for name, _ in added}
        if path in ("/dishes/2", "/dishes/8"):
            names.add("Content-Length")
        headers = [pair for pair in headers if pair[0] not in names] + added
        if path == "/dishes/4":
            headers = [
                (name, _re.sub('desc="', 'desc="1', text)) for name, text in headers
            ]
        status = "203 Changed" if path == "/dishes/5" else status
        return start_response(status, headers, *failure)

    content = _call(self, environ, start)
    if path == "/dishes/2":
        content = [b"".join(content).replace(b"<h1>", b'<h1 id="planted">')]
    if path == "/dishes/8":
        content = [b"<script>alert(1)</script><img src=x onerror=alert(2)>"]
    return content


Site.__init__, Site.__call__ = _remember, _change
"""


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Return the environment of a copy of bare with planted faults."""
    bare = environment_of("bare")
    folder = shutil.copytree(bare.framework.folder, tmp_path_factory.mktemp("apps") / "planted")
    with (folder / "app.py").open("a") as app:
        app.write(FAULTS)
    return replace(bare, framework=replace(bare.framework, name="planted", folder=folder))


@pytest.fixture(scope="module")
def running(planted):
    """Run bare on stage, Bottle, and the copy of bare with planted faults."""
    environments = [environment_of("bare"), environment_of("bottle"), planted]
    with running_workbench(environments, Paths.from_environ()) as running:
        yield running
