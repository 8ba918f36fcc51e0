"""web2py's source.py accepts a folder or an archive or fetches one, and checks the pinned digest.

The tests use a copy of source.py and a source tree of two files.
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
    """A source tree: the two files, a bytecode file, and an application."""
    tree = tmp_path / "tree"
    for name, text in {**FILES, "gluon/__pycache__/x.pyc": "x", "applications/a.py": "a"}.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tree


@pytest.fixture
def app_folder(tmp_path):
    """A folder with a copy of source.py and a manifest that pins the source tree."""
    folder = tmp_path / "web2py"
    folder.mkdir()
    shutil.copy(HERE / "source.py", folder)
    manifest = (HERE / "framework.toml").read_text()
    manifest = re.sub('sha256 = ".*"', f'sha256 = "{SHA256}"', manifest)
    (folder / "framework.toml").write_text(manifest)
    return folder


@pytest.fixture
def run_source(app_folder, tmp_path):
    """Return a function that runs source.py and returns exit code, standard output and error."""

    def run_source(variable="", archive="http://127.0.0.1:1/gone.zip", look=False):
        manifest = app_folder / "framework.toml"
        manifest.write_text(
            re.sub('archive = ".*"', f'archive = "{archive}"', manifest.read_text())
        )
        process = subprocess.run(
            [sys.executable, app_folder / "source.py", *["--look"] * look],
            env=os.environ
            | {"WEB2PY_SOURCE": str(variable), "XDG_CACHE_HOME": str(tmp_path / "cache")}
            | {"no_proxy": "127.0.0.1"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert "Traceback" not in process.stderr
        return process.returncode, process.stdout.strip(), process.stderr.strip()

    return run_source


@pytest.fixture
def pack(tree, tmp_path):
    """Return a function that packs the tree into an archive, in a folder or at the top."""

    def pack(prefix=""):
        path = tmp_path / "served" / "tree.zip"
        path.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            for file in tree.rglob("*.py"):
                archive.write(file, f"{prefix}{file.relative_to(tree)}")
        return path

    return pack


@pytest.fixture
def archive_server(tmp_path):
    """Serve a folder; yield its URL and the list of the requested paths."""
    requests = []

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format, *args):
            requests.append(self.path)

    (tmp_path / "served").mkdir(exist_ok=True)
    server = HTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "served")))
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", requests
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_manifest_of_web2py_has_a_source():
    assert read_manifest(HERE / "framework.toml").source.package == "gluon"


def test_a_folder_is_used_in_place(run_source, tree):
    assert run_source(tree) == (0, str(tree), "")
    assert run_source(tree, look=True) == (0, str(tree), "")


@pytest.mark.parametrize("prefix", ["", "web2py-e2df4a3/"], ids=["at the top", "in a folder"])
def test_a_zip_of_the_tree_is_unpacked(run_source, pack, prefix):
    code, folder, _ = run_source(pack(prefix))
    assert code == 0
    for name, text in FILES.items():
        assert (ROOT / folder / name).read_text() == text
    assert not (ROOT / folder / "applications").exists()
    assert run_source(pack(prefix)) == (0, folder, "")


def test_the_archive_is_fetched_once(run_source, pack, archive_server):
    pack("web2py-e2df4a3/")
    url, requests = archive_server
    code, folder, _ = run_source(archive=f"{url}/tree.zip")
    assert (code, (ROOT / folder / "gluon/main.py").read_text()) == (0, FILES["gluon/main.py"])
    assert run_source(archive=f"{url}/tree.zip", look=True) == (0, folder, "")
    assert run_source() == (0, folder, "")
    assert requests == ["/tree.zip"]


def test_the_option_look_fetches_nothing(run_source, pack, archive_server):
    pack()
    url, requests = archive_server
    code, _, message = run_source(archive=f"{url}/tree.zip", look=True)
    assert code == 3
    assert "not fetched yet: cookoff setup does it; set WEB2PY_SOURCE to" in message
    assert not requests


def test_another_folder_is_refused(run_source, tmp_path):
    code, _, message = run_source(tmp_path)
    assert (code, message) == (1, f"{tmp_path} is not web2py's source: it lacks gluon/main.py")
    assert run_source(tmp_path / "nowhere")[0] == 1


def test_an_invalid_or_unrelated_zip_is_refused(run_source, tmp_path):
    archive_file = tmp_path / "wrong.zip"
    archive_file.write_text("no zip at all")
    assert run_source(archive_file) == (
        1,
        "",
        f"{archive_file} cannot be unpacked (File is not a zip file)",
    )
    with zipfile.ZipFile(archive_file, "w") as archive:
        archive.writestr("pears/main.py", "")
    code, _, message = run_source(archive_file)
    assert (code, message) == (1, f"{archive_file} is not web2py's source: it lacks gluon/main.py")


def test_other_file_contents_fail_the_checksum(run_source, tree, pack, archive_server):
    (tree / "gluon" / "html.py").write_text("html = 3\n")
    message = "is another web2py: its files fail framework.toml's sha256"
    assert run_source(tree) == (1, "", f"{tree} {message}")
    archive_file = pack()
    assert run_source(archive_file) == (1, "", f"{archive_file} {message}")
    archive = f"{archive_server[0]}/tree.zip"
    assert run_source(archive=archive) == (1, "", f"{archive} {message}")
    assert run_source(look=True)[0] == 3  # the refused archive is not cached


def test_paths_with_dots_cannot_leave_the_target_folder(run_source, tree, tmp_path):
    archive_file = tmp_path / "climbing.zip"
    with zipfile.ZipFile(archive_file, "w") as archive:
        archive.writestr("gluon/../../climbed.py", "")
        for name, text in FILES.items():
            archive.writestr(name, text)
    assert run_source(archive_file)[0] == 0
    assert not list(tmp_path.rglob("climbed.py"))


def test_without_a_network_the_source_is_unavailable(run_source, archive_server):
    code, _, message = run_source()
    assert code == 3
    assert re.fullmatch(
        r"http://127.0.0.1:1/gone.zip cannot be fetched \(.*Connection refused.*\); "
        r"set WEB2PY_SOURCE to web2py's source, a folder or a zip",
        message,
    )
    assert run_source(archive=f"{archive_server[0]}/gone.zip")[0] == 3


def test_the_wait_for_a_reply_is_limited(run_source, app_folder):
    script = app_folder / "source.py"
    text = script.read_text()
    assert 0 < int(re.search(r"LIMIT_SECONDS = (\d+) ", text)[1]) <= 10
    script.write_text(re.sub(r"LIMIT_SECONDS = \d+ ", "LIMIT_SECONDS = 0.2 ", text))
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        started = time.monotonic()
        code, _, message = run_source(archive=f"http://127.0.0.1:{silent.getsockname()[1]}/x.zip")
    assert (code, time.monotonic() - started < 10) == (3, True)
    assert "cannot be fetched (" in message
