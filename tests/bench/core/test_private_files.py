"""Nobody but the user who runs the harness can read what it keeps, whatever the umask."""

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
from bench.core.errors import DependencyError, UsageError
from bench.core.paths import ROOT, Paths
from bench.core.private_files import make_folder
from bench.measure.workload.testbed import measurement_lock
from bench.runtime import database, launch_spec
from bench.runtime.host import running_host
from tests.contract.pictures import PNG

COOKOFF = Path(sys.executable).with_name("cookoff")
WRITES = """
from pathlib import Path
def create_app(settings):
    (settings.photos_dir / "sessions").mkdir()
    (settings.photos_dir / "sessions" / "one").write_text("of a guest")
    return lambda environ, start_response: [start_response("200 OK", []) and b""]
"""


@pytest.fixture(params=[0o000, 0o022, 0o277], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def open_to_others(folder):
    """Return what others may read, write or enter, with the permissions."""
    # What Python compiles lies in a folder that nobody else can enter.
    found = [one for one in (folder, *folder.rglob("*")) if folder / "bytecode" not in one.parents]
    modes = {str(one.relative_to(folder)): stat.S_IMODE(one.lstat().st_mode) for one in found}
    return {name: oct(mode) for name, mode in modes.items() if mode & 0o077}


def test_what_the_larder_keeps_is_its_users_alone(tmp_path, umask):
    url, photos = f"sqlite:///{tmp_path}/made/larder.sqlite3", tmp_path / "kept" / "photos"
    photos.parent.mkdir(mode=0o700)
    if umask == 0o277:
        (tmp_path / "made").mkdir()
        (tmp_path / "made").chmod(0o700)
        (tmp_path / "kept").chmod(0o700)
    shared_db.create(url)
    larder = shared_db.open_larder(url, photos)
    larder.photos.keep(1, BytesIO(PNG))
    names = {file.name for file in (tmp_path / "made").iterdir()}
    assert names == {"larder.sqlite3", "larder.sqlite3-wal", "larder.sqlite3-shm"}
    assert len(list(photos.iterdir())) == 1
    assert open_to_others(tmp_path / "made") == {}
    assert open_to_others(photos) == {}
    larder.close()


def test_run_time_state_is_its_users_alone(places, add_app, umask, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with measurement_lock(places.folder() / "cost.lock"):
        settings = database.build_settings("Tiny", places, database.get_database_url(places))
    if umask != 0o277:
        database.ensure_database(places)
        folder = add_app("tiny", app=WRITES).folder
        order = launch_spec.LaunchSpec("tiny", Path(sys.executable), folder, settings=settings)
        with running_host(order, places.log("host")) as host:
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


def test_a_site_that_is_served_keeps_all_to_itself(places, add_app, tiny_environment, environ):
    add_app("tiny", environment=tiny_environment)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [COOKOFF, "serve", "tiny", "--port", str(port)]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True, umask=0) as site:
        said = site.stdout.readline()
        made, found = {one.name for one in places.state.iterdir()}, open_to_others(places.state)
        site.send_signal(signal.SIGTERM)
    assert "answers at" in said
    assert {"secret", "larder.sqlite3", "logs", "photos", f"serve-{port}.sock"} <= made
    assert found == {}


@pytest.mark.parametrize("line", ["list", "larder create", "code --json"])
def test_an_open_folder_is_tightened_by_any_command(places, environ, tmp_path, line):
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
    found = {name for name in open_to_others(places.state) if name != "link"}
    assert found == set()
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o666


@pytest.mark.parametrize("line", ["list", "larder create"])
def test_a_folder_of_everybodys_is_refused_and_left_alone(tmp_path, environ, line):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    done = subprocess.run(
        [COOKOFF, *line.split()],
        env={**environ, "COOKOFF_STATE": str(shared)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr == (
        f"cookoff: {shared} is not for run-time state alone; name another: COOKOFF_STATE\n"
    )
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
    assert list(shared.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DependencyError, match=f"^{tmp_path}/file/state cannot be made private: "):
        Paths(state=tmp_path / "file" / "state").ensure_folder()


def test_a_home_is_not_tightened(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    tmp_path.chmod(0o755)
    with pytest.raises(UsageError):
        make_folder(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_folders_that_are_made_on_the_way_are_private_too(tmp_path, umask):
    make_folder(tmp_path / "a" / "b" / "c")
    assert open_to_others(tmp_path / "a") == {}


def test_the_project_itself_has_a_private_state():
    Paths().ensure_folder()
    assert stat.S_IMODE((ROOT / ".cookoff").stat().st_mode) == 0o700
