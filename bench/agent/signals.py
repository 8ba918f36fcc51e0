"""Keep signals that this process was started to ignore away from the processes it starts.

A shell that starts a command with `&`, and nohup, have it ignore SIGINT or SIGHUP. Ignored signals,
and those that are blocked, stay so in every program that the command starts, which then cannot be
ended by them. It imports the standard library alone: it runs inside a framework's environment, too.
"""

import signal
import threading
from collections.abc import Callable
from types import FrameType

SignalHandler = Callable[[int, FrameType | None], object] | signal.Handlers | int | None
# SIGPIPE is not among them: Python itself ignores it, and subprocess restores it in what it starts.
SIGNALS = (
    signal.SIGINT,
    signal.SIGHUP,
    signal.SIGTERM,
    signal.SIGQUIT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGALRM,
)


def shield_children() -> None:
    """Have processes that are started from here on get every signal's default action.

    This process goes on ignoring what it ignores, by a handler that does nothing: a handler does
    not outlive the start of another program, as SIG_IGN does. Does nothing outside the main thread.
    """
    replace_ignored(lambda number: lambda *_: None)


def restore_defaults() -> None:
    """Give every signal its default action in this process; only the main thread can."""
    replace_ignored(find_default_handler)


def replace_ignored(handler_of: Callable[[signal.Signals], SignalHandler]) -> None:
    """Set handlers for the signals that are ignored, and let blocked ones through."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in SIGNALS:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler_of(number))
    # A process that ignores SIGCHLD never learns how its own children ended.
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def find_default_handler(number: signal.Signals) -> SignalHandler:
    """Return the handler that Python gives a signal when nothing is ignored."""
    return signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
