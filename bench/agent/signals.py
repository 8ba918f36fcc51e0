"""Give child processes the default actions of signals that this process ignores.

A command that a script starts with `&` ignores SIGINT; a command under nohup ignores SIGHUP. Each
program that the command starts inherits ignored and blocked signals, and these signals cannot end
the program. Also runs inside a framework's environment: standard library only.
"""

import signal
import threading
from collections.abc import Callable
from types import FrameType

SignalHandler = Callable[[int, FrameType | None], object] | signal.Handlers | int | None
# Without SIGPIPE: Python itself ignores SIGPIPE, and subprocess restores it in child processes.
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
    """Make all processes started from now on use the default action of each signal.

    This process still ignores its ignored signals, by an empty handler: another program does not
    inherit a handler, but would inherit SIG_IGN. Has no effect outside the main thread.
    """
    replace_ignored(lambda number: lambda *_: None)


def restore_defaults() -> None:
    """Give each signal its default action; has no effect outside the main thread."""
    replace_ignored(find_default_handler)


def replace_ignored(handler_of: Callable[[signal.Signals], SignalHandler]) -> None:
    """Set handlers for the ignored signals, and unblock all signals."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in SIGNALS:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler_of(number))
    # A process that ignores SIGCHLD cannot get the exit codes of its children.
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def find_default_handler(number: signal.Signals) -> SignalHandler:
    """Return the handler that Python sets for a signal at its start."""
    return signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
