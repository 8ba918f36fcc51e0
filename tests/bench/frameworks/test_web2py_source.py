"""web2py's source.py takes a folder or an archive, or fetches one, and nothing but what is pinned.

Tried on a copy of it, with a tree of two files.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import closing
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler

import pytest

from bench.core.paths import ROOT
from bench.frameworks.manifest import read_manifest

HERE = ROOT / "apps" / "web2py"
FILES = {"gluon/main.py": "main = 1\n", "gluon/html.py": "html = 2\n"}
SHA256 = "3b124d9a3afad42399e90baac71060d8bc660de30ed284f2647d42731f397efa"


@pytest.fixture
def tree(tmp_path):
    """A source tree: the two files, what running it left behind, and an application."""
    tree = tmp_path / "tree"
    for name, text in {**FILES, "gluon/__pycache__/x.pyc": "x", "applications/a.py": "a"}.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tree


@pytest.fixture
def kitchen(tmp_path):
    """A copy of source.py beside facts that pin that tree; its archive has no address yet."""
    folder = tmp_path / "kitchen"
    folder.mkdir()
    shutil.copy(HERE / "source.py", folder)
    facts = (HERE / "framework.toml").read_text()
    facts = re.sub('sha256 = ".*"', f'sha256 = "{SHA256}"', facts)
    (folder / "framework.toml").write_text(facts)
    return folder


@pytest.fixture
def find(kitchen, tmp_path):
    """Return a function that runs source.py: its exit code, what it prints, what it complains."""

    def find(given="", archive="http://127.0.0.1:1/gone.zip", look=False):
        facts = kitchen / "framework.toml"
        facts.write_text(re.sub('archive = ".*"', f'archive = "{archive}"', facts.read_text()))
        done = subprocess.run(
            [sys.executable, kitchen / "source.py", *["--look"] * look],
            env=os.environ
            | {"WEB2PY_SOURCE": str(given), "XDG_CACHE_HOME": str(tmp_path / "cache")}
            | {"no_proxy": "127.0.0.1"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout.strip(), done.stderr.strip()

    return find


@pytest.fixture
def pack(tree, tmp_path):
    """Return a function that packs the tree, under a folder in the archive or under none."""

    def pack(under=""):
        path = tmp_path / "served" / "tree.zip"
        path.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            for file in tree.rglob("*.py"):
                archive.write(file, f"{under}{file.relative_to(tree)}")
        return path

    return pack


@pytest.fixture
def served(tmp_path):
    """The address of a folder that is served, and the paths that were asked for."""
    asked = []

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format, *args):
            asked.append(self.path)

    (tmp_path / "served").mkdir(exist_ok=True)
    server = HTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "served")))
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_its_own_facts_are_whole():
    assert read_manifest(HERE / "framework.toml").source.package == "gluon"


def test_a_folder_is_taken_as_it_is(find, tree):
    assert find(tree) == (0, str(tree), "")
    assert find(tree, look=True) == (0, str(tree), "")


@pytest.mark.parametrize("under", ["", "web2py-e2df4a3/"], ids=["bare", "in one folder"])
def test_a_zip_of_the_tree_works(find, pack, under):
    code, folder, _ = find(pack(under))
    assert code == 0
    for name, text in FILES.items():
        assert (ROOT / folder / name).read_text() == text
    assert not (ROOT / folder / "applications").exists()
    assert find(pack(under)) == (0, folder, "")


def test_the_archive_is_fetched_once(find, pack, served):
    pack("web2py-e2df4a3/")
    url, asked = served
    code, folder, _ = find(archive=f"{url}/tree.zip")
    assert (code, (ROOT / folder / "gluon/main.py").read_text()) == (0, FILES["gluon/main.py"])
    assert find(archive=f"{url}/tree.zip", look=True) == (0, folder, "")
    assert find() == (0, folder, "")
    assert asked == ["/tree.zip"]


def test_looking_fetches_nothing(find, pack, served):
    pack()
    url, asked = served
    code, _, complaint = find(archive=f"{url}/tree.zip", look=True)
    assert code == 3
    assert "not fetched yet: cookoff setup does it; set WEB2PY_SOURCE to" in complaint
    assert not asked


def test_a_folder_of_something_else_is_refused(find, tmp_path):
    code, _, complaint = find(tmp_path)
    assert (code, complaint) == (1, f"{tmp_path} is not web2py's source: it lacks gluon/main.py")
    assert find(tmp_path / "nowhere")[0] == 1


def test_a_wrong_zip_is_refused(find, tmp_path):
    zipped = tmp_path / "wrong.zip"
    zipped.write_text("no zip at all")
    assert find(zipped) == (1, "", f"{zipped} cannot be unpacked (File is not a zip file)")
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("pears/main.py", "")
    code, _, complaint = find(zipped)
    assert (code, complaint) == (1, f"{zipped} is not web2py's source: it lacks gluon/main.py")


def test_other_contents_fail_the_checksum(find, tree, pack, served):
    (tree / "gluon" / "html.py").write_text("html = 3\n")
    complaint = "is another web2py: its files fail framework.toml's sha256"
    assert find(tree) == (1, "", f"{tree} {complaint}")
    zipped = pack()
    assert find(zipped) == (1, "", f"{zipped} {complaint}")
    archive = f"{served[0]}/tree.zip"
    assert find(archive=archive) == (1, "", f"{archive} {complaint}")
    assert find(look=True)[0] == 3  # none of it is kept


def test_an_archive_that_climbs_out_stays_in(find, tree, tmp_path):
    zipped = tmp_path / "climbing.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("gluon/../../climbed.py", "")
        for name, text in FILES.items():
            archive.writestr(name, text)
    assert find(zipped)[0] == 0
    assert not list(tmp_path.rglob("climbed.py"))


def test_without_a_network_it_is_out_of_reach(find, served):
    code, _, complaint = find()
    assert code == 3
    assert re.fullmatch(
        r"http://127.0.0.1:1/gone.zip cannot be fetched \(.*Connection refused.*\); "
        r"set WEB2PY_SOURCE to web2py's source, a folder or a zip",
        complaint,
    )
    assert find(archive=f"{served[0]}/gone.zip")[0] == 3


def test_nobody_waits_long_for_an_answer(find, kitchen):
    script = kitchen / "source.py"
    text = script.read_text()
    assert 0 < int(re.search(r"LIMIT_SECONDS = (\d+) ", text)[1]) <= 10
    script.write_text(re.sub(r"LIMIT_SECONDS = \d+ ", "LIMIT_SECONDS = 0.2 ", text))
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        began = time.monotonic()
        code, _, complaint = find(archive=f"http://127.0.0.1:{silent.getsockname()[1]}/x.zip")
    assert (code, time.monotonic() - began < 10) == (3, True)
    assert "cannot be fetched (" in complaint
