"""After any failed switch, the next switch works at once."""

import functools
import socket
import time
from contextlib import suppress

import pytest

from bench.core.errors import CookoffError, DependencyError
from bench.frameworks import environments
from bench.runtime import control_socket
from bench.runtime.supervisor import Supervisor


class NoException(BaseException):
    """An error that does not inherit from Exception."""


@pytest.fixture
def server(places):
    """A control server whose handler raises the exception with the requested name."""
    kinds = (KeyError, OSError, RuntimeError, SystemExit, NoException)
    errors = {kind.__name__: kind for kind in kinds}

    def handle(name):
        if name in errors:
            raise errors[name]("in the\nmiddle")
        return {"done": f"{name} runs"}

    server = control_socket.ControlServer(control_socket.build_socket_path(places, 8000), handle)
    yield server
    server.close()


@pytest.fixture
def switch(places):
    return functools.partial(control_socket.request_switch, places, 8000)


@pytest.mark.parametrize(
    "name", ["KeyError", "OSError", "RuntimeError", "SystemExit", "NoException"]
)
def test_a_failed_switch_reports_its_error_and_the_next_switch_works(server, switch, name, capsys):
    with pytest.raises(CookoffError) as caught:
        switch(name)
    assert str(caught.value).startswith(f"the switch failed: {name}: ")
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 1
    assert switch("flask") == "flask runs"
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "sent",
    [b"", b"\n", b"soup\n", b"[]\n", b"{}\n", b"[" * 100_000 + b"\n", b"{" * 100_000, b"\xff\n"],
    ids=lambda sent: repr(sent[:8]),
)
def test_an_invalid_request_does_not_affect_the_next_switch(server, switch, sent):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(control_socket.shorten_path(server.path))
        client.sendall(sent)
    assert switch("flask") == "flask runs"


def test_a_slow_client_is_disconnected(server, switch, monkeypatch):
    monkeypatch.setattr(control_socket, "REQUEST_TIMEOUT_SECONDS", 0.3)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(control_socket.shorten_path(server.path))
        with suppress(OSError):  # the server disconnects
            for _ in range(600):
                client.sendall(b" ")
                time.sleep(0.1)
            pytest.fail("the server waited for a minute")


def test_the_server_survives_a_lack_of_file_descriptors(server, switch, monkeypatch):
    accept, failures = server.socket.accept, []

    class FailingSocket:
        def accept(self):
            if len(failures) < 3:
                failures.append(True)
                raise OSError(24, "Too many open files")
            return accept()

    original, server.socket = server.socket, FailingSocket()
    assert switch("flask") == "flask runs"  # accepted by the original socket
    assert switch("flask") == "flask runs"
    assert len(failures) == 3
    server.socket = original


def test_a_slow_switch_is_not_reported_as_an_ended_server(places, monkeypatch):
    monkeypatch.setattr(control_socket, "REPLY_TIMEOUT_SECONDS", 0.2)
    path = control_socket.build_socket_path(places, 8000)
    places.ensure_folder()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(control_socket.shorten_path(path))
        server.listen()
        with pytest.raises(CookoffError, match=r"port 8000 did not reply within 0.2 s; ") as caught:
            control_socket.request_switch(places, 8000, "flask")
    assert not isinstance(caught.value, DependencyError)


def test_an_error_during_a_switch_keeps_the_old_framework(
    places, add_app, tiny_environment, monkeypatch, capsys
):
    for name in ("first", "second"):
        add_app(name, environment=tiny_environment)
    ensure = environments.ensure_environment
    with Supervisor(places, 0, on_progress=lambda line: None) as supervisor:
        switch = functools.partial(
            control_socket.request_switch, places, supervisor.listener.getsockname()[1]
        )
        first = supervisor.switch_to("first")
        old = supervisor.host
        monkeypatch.setattr(environments, "ensure_environment", lambda *_: [][0])
        with pytest.raises(CookoffError, match="the switch failed: IndexError: "):
            switch("second")
        assert supervisor.host is old
        assert old.is_running
        monkeypatch.setattr(environments, "ensure_environment", ensure)
        assert switch("second") == first.replace("first", "second")
        monkeypatch.setattr(type(supervisor.host), "receive", lambda *_: {}["nothing"])
        with pytest.raises(CookoffError, match="the switch failed: KeyError: "):
            switch("first")
        monkeypatch.undo()
        assert switch("first") == first
    capsys.readouterr()
