"""Read the log of a host: the exception of its last traceback."""

import re

from bench.conformance.fuzz.judge import SERVER_ERROR, Fault

LOG = "log"
FRAME = re.compile(r'File "(?:[^"]*/)?([^"/]+)", line (\d+)')
MESSAGE_SEPARATOR = " says "  # what stands after it differs from request to request


def merge_faults(faults: list[Fault]) -> tuple[Fault, ...]:
    """Return faults without repetition; a server error says what the log says of it."""
    logged = [fault for fault in faults if fault.kind == LOG]
    if logged and any(fault.kind == SERVER_ERROR for fault in faults):
        faults = [
            Fault(fault.kind, f"{fault.detail}: {logged[0].detail}")
            if fault.kind == SERVER_ERROR
            else fault
            for fault in faults
            if fault.kind != LOG
        ]
    return tuple(dict.fromkeys(faults))


def parse_last_error(text: bytes) -> str:
    """Return the exception of a log's last traceback, where it was raised, and its message."""
    lines = text.decode("utf-8", "replace").rpartition("Traceback")[2].splitlines()[1:]
    ends = [line for line in lines if line and not line.startswith((" ", "\t"))]
    places = FRAME.findall("\n".join(lines))
    name, _, message = (ends[0] if ends else "exception").partition(":")
    where = f" at {places[-1][0]}:{places[-1][1]}" if places else ""
    return f"{name}{where}{MESSAGE_SEPARATOR}{message.strip()[:150]}"
