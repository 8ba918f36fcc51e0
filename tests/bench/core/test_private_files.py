"""Only the user who runs the harness can read its files, whatever the umask."""

import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from io import BytesIO
from pathlib import Path

import pytest

import shared_db
from bench.conformance.pictures import PNG
from bench.core.errors import DependencyError, UsageError
from bench.core.paths import ROOT, Paths
from bench.core.private_files import make_folder
from bench.measure.workload.testbed import measurement_lock
from bench.runtime import database, launch_spec
from bench.runtime.host import running_host

COOKOFF = Path(sys.executable).with_name("cookoff")
WRITES = """
from pathlib import Path
def create_app(settings):
    (settings.photos_dir / "sessions").mkdir()
    (settings.photos_dir / "sessions" / "one").write_text("of a client")
    return lambda environ, start_response: [start_response("200 OK", []) and b""]
"""


@pytest.fixture(params=[0o000, 0o022, 0o277], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def open_to_others(folder):
    """Return the permissions of all that other users may read, write or enter, by path."""
    # Compiled bytecode is in a folder that only its owner can enter.
    paths = [
        path for path in (folder, *folder.rglob("*")) if folder / "bytecode" not in path.parents
    ]
    modes = {str(path.relative_to(folder)): stat.S_IMODE(path.lstat().st_mode) for path in paths}
    return {name: oct(mode) for name, mode in modes.items() if mode & 0o077}


def test_only_the_owner_can_read_the_database_and_the_photos(tmp_path, umask):
    url, photos = f"sqlite:///{tmp_path}/created/larder.sqlite3", tmp_path / "data" / "photos"
    photos.parent.mkdir(mode=0o700)
    if umask == 0o277:
        (tmp_path / "created").mkdir()
        (tmp_path / "created").chmod(0o700)
        (tmp_path / "data").chmod(0o700)
    shared_db.create(url)
    larder = shared_db.open_larder(url, photos)
    larder.photos.keep(1, BytesIO(PNG))
    names = {file.name for file in (tmp_path / "created").iterdir()}
    assert names == {"larder.sqlite3", "larder.sqlite3-wal", "larder.sqlite3-shm"}
    assert len(list(photos.iterdir())) == 1
    assert open_to_others(tmp_path / "created") == {}
    assert open_to_others(photos) == {}
    larder.close()


def test_only_the_owner_can_read_the_run_time_state(places, add_app, umask, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with measurement_lock(places.ensure_folder() / "cost.lock"):
        settings = database.build_settings("Tiny", places, database.get_database_url(places))
    if umask != 0o277:
        database.ensure_database(places)
        folder = add_app("tiny", app=WRITES).folder
        spec = launch_spec.LaunchSpec("tiny", Path(sys.executable), folder, settings=settings)
        with running_host(spec, places.prepare_log_path("host")) as host:
            urllib.request.urlopen(host.url, timeout=20).close()
        assert (places.state / "photos" / "sessions" / "one").exists()
        assert (places.state / "logs" / "host.log").exists()
        assert (places.state / "larder.sqlite3").exists()
    assert open_to_others(places.state) == {}


@pytest.fixture
def environ(places):
    return {
        **os.environ,
        "COOKOFF_APPS": str(places.apps),
        "COOKOFF_ENVIRONMENTS": str(places.environments),
        "COOKOFF_STATE": str(places.state),
        "DATABASE_URL": "",
    }


def test_only_the_owner_can_read_the_files_of_a_served_site(
    places, add_app, tiny_environment, environ
):
    add_app("tiny", environment=tiny_environment)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [COOKOFF, "serve", "tiny", "--port", str(port)]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True, umask=0) as site:
        line = site.stdout.readline()
        names, exposed = (
            {path.name for path in places.state.iterdir()},
            open_to_others(places.state),
        )
        site.send_signal(signal.SIGTERM)
    assert f":{port}" in line
    assert {"secret", "larder.sqlite3", "logs", "photos", f"serve-{port}.sock"} <= names
    assert exposed == {}


@pytest.mark.parametrize("line", ["list", "database create", "code --json"])
def test_every_command_restricts_an_open_folder(places, environ, tmp_path, line):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch()
    elsewhere.chmod(0o666)
    (places.state / "photos").mkdir(parents=True)
    (places.state / "link").symlink_to(elsewhere)
    for file in ("larder.sqlite3", "photos/one.png", "secret"):
        (places.state / file).touch()
        (places.state / file).chmod(0o666)
    (places.state / "photos").chmod(0o777)
    places.state.chmod(0o755)
    (places.state / "larder.sqlite3").unlink()
    subprocess.run([COOKOFF, *line.split()], env=environ, capture_output=True, umask=0, timeout=120)
    assert set(open_to_others(places.state)) <= {"link"}
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o666


@pytest.mark.parametrize("line", ["list", "database create"])
def test_a_shared_folder_is_rejected_and_unchanged(tmp_path, environ, line):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    run = subprocess.run(
        [COOKOFF, *line.split()],
        env={**environ, "COOKOFF_STATE": str(shared)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 2
    assert run.stderr == (
        f"cookoff: {shared} is a shared folder or a home folder; "
        "set COOKOFF_STATE to another folder\n"
    )
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
    assert list(shared.iterdir()) == []


def test_the_error_for_a_folder_that_cannot_be_created_names_the_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DependencyError, match=f"^{tmp_path}/file/state cannot be made private: "):
        Paths(state=tmp_path / "file" / "state").ensure_folder()


def test_a_home_folder_is_not_restricted(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    tmp_path.chmod(0o755)
    with pytest.raises(UsageError):
        make_folder(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_created_parent_folders_are_private_too(tmp_path, umask):
    make_folder(tmp_path / "a" / "b" / "c")
    assert open_to_others(tmp_path / "a") == {}


def test_the_state_of_the_project_itself_is_private():
    Paths().ensure_folder()
    assert stat.S_IMODE((ROOT / ".cookoff").stat().st_mode) == 0o700
