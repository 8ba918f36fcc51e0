"""Whatever goes wrong with one switch, the next one works at once."""

import functools
import socket
import time
from contextlib import suppress

import pytest

from bench.core.errors import CookoffError, DependencyError
from bench.frameworks import environments
from bench.runtime import control_socket
from bench.runtime.supervisor import Supervisor


class Clumsy(BaseException):
    """An error that is no Exception."""


@pytest.fixture
def door(places):
    """The side that answers; a name that an error has raises it."""
    errors = {one.__name__: one for one in (KeyError, OSError, RuntimeError, SystemExit, Clumsy)}

    def answer(name):
        if name in errors:
            raise errors[name]("in the\nmiddle")
        return {"done": f"{name} answers"}

    opened = control_socket.ControlServer(control_socket.build_socket_path(places, 8000), answer)
    yield opened
    opened.close()


@pytest.fixture
def ask(places):
    return functools.partial(control_socket.request_switch, places, 8000)


@pytest.mark.parametrize("name", ["KeyError", "OSError", "RuntimeError", "SystemExit", "Clumsy"])
def test_an_error_is_the_clients_and_the_next_switch_works(door, ask, name, capsys):
    with pytest.raises(CookoffError) as told:
        ask(name)
    assert str(told.value).startswith(f"the switch failed: {name}: ")
    assert "\n" not in str(told.value)
    assert told.value.exit_code == 1
    assert ask("flask") == "flask answers"
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "sent",
    [b"", b"\n", b"soup\n", b"[]\n", b"{}\n", b"[" * 100_000 + b"\n", b"{" * 100_000, b"\xff\n"],
    ids=lambda sent: repr(sent[:8]),
)
def test_what_is_no_request_disturbs_nobody(door, ask, sent):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(control_socket.shorten_path(door.path))
        client.sendall(sent)
    assert ask("flask") == "flask answers"


def test_a_client_that_sends_byte_by_byte_is_not_waited_for_forever(door, ask, monkeypatch):
    monkeypatch.setattr(control_socket, "REQUEST_TIMEOUT_SECONDS", 0.3)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(control_socket.shorten_path(door.path))
        with suppress(OSError):  # it is let go
            for _ in range(600):
                client.sendall(b" ")
                time.sleep(0.1)
            pytest.fail("waited for a minute")


def test_the_door_outlives_a_lack_of_descriptors(door, ask, monkeypatch):
    accept, failed = door.socket.accept, []

    class Lacking:
        def accept(self):
            if len(failed) < 3:
                failed.append(True)
                raise OSError(24, "Too many open files")
            return accept()

    real, door.socket = door.socket, Lacking()
    assert ask("flask") == "flask answers"  # accepted before
    assert ask("flask") == "flask answers"
    assert len(failed) == 3
    door.socket = real


def test_a_switch_that_takes_too_long_is_no_server_that_ended(places, monkeypatch):
    monkeypatch.setattr(control_socket, "REPLY_TIMEOUT_SECONDS", 0.2)
    path = control_socket.build_socket_path(places, 8000)
    places.ensure_folder()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(control_socket.shorten_path(path))
        server.listen()
        with pytest.raises(CookoffError, match=r"port 8000 did not answer within 0.2 s; ") as told:
            control_socket.request_switch(places, 8000, "flask")
    assert not isinstance(told.value, DependencyError)


def test_an_error_in_the_middle_of_a_switch_leaves_the_old_framework_there(
    places, add_app, tiny_environment, monkeypatch, capsys
):
    for name in ("first", "second"):
        add_app(name, environment=tiny_environment)
    ensure = environments.ensure_environment
    with Supervisor(places, 0, on_progress=lambda line: None) as site:
        switch = functools.partial(
            control_socket.request_switch, places, site.listener.getsockname()[1]
        )
        first = site.switch_to("first")
        old = site.host
        monkeypatch.setattr(environments, "ensure_environment", lambda *_: [][0])
        with pytest.raises(CookoffError, match="the switch failed: IndexError: "):
            switch("second")
        assert site.host is old
        assert old.is_running
        monkeypatch.setattr(environments, "ensure_environment", ensure)
        assert switch("second") == first.replace("first", "second")
        monkeypatch.setattr(type(site.host), "hear", lambda *_: {}["nothing"])
        with pytest.raises(CookoffError, match="the switch failed: KeyError: "):
            switch("first")
        monkeypatch.undo()
        assert switch("first") == first
    capsys.readouterr()
