"""Shrink a request: remove lines, then bytes, as long as the verdict stays the same."""

import re
from collections.abc import Callable
from dataclasses import replace

from bench.conformance.fuzz.probes import GUEST, Probe
from bench.conformance.fuzz.templates import BLANK_LINE, split_atoms

MAX_TRIES = 400
FILL_MARKER = re.compile(rb"\{\{fill (\d+) ")
USUAL_HOST = b"Host: {{host}}"
FIRST_LINE = re.compile(rb"([A-Z]+ /)(.*)( HTTP/1\.1)", re.DOTALL)
HEADER = re.compile(rb"([A-Za-z-]+: ?)(.*)()", re.DOTALL)
PART_LINE = re.compile(rb"(?<=\r\n)|(?<=\}\})(?=--)")
ProbeTest = Callable[[Probe], bool]


class Shrinker:
    """Find a smaller request with the same verdict within a number of tries."""

    def __init__(self, probe: Probe, is_same: ProbeTest, tries: int = MAX_TRIES) -> None:
        self.probe, self.is_same, self.tries = probe, is_same, tries

    def shrink(self) -> Probe:
        """Return the smallest request that was found."""
        self.accept_smaller(replace(self.probe, client=GUEST))
        before = b""
        while before != self.probe.template and self.tries > 0:
            before = self.probe.template
            self.remove_lines()
            self.shorten_fills()
            self.shrink_body()
            self.shrink_head()
        return self.probe

    def accept_smaller(self, probe: Probe) -> bool:
        """Replace the present request if the verdict is the same; return whether it is."""
        if probe == self.probe or self.tries <= 0:
            return False
        self.tries -= 1
        if not self.is_same(probe):
            return False
        self.probe = probe
        return True

    def try_template(self, template: bytes) -> bool:
        """Replace the template if the verdict is the same; return whether it is."""
        return self.accept_smaller(replace(self.probe, template=template))

    def remove_lines(self) -> None:
        """Remove header lines."""
        head, blank, body = self.probe.template.partition(BLANK_LINE)
        lines = head.split(b"\r\n")
        for place in range(len(lines) - 1, 0, -1):
            if lines[place] == USUAL_HOST:
                continue
            fewer = [*lines[:place], *lines[place + 1 :]]
            if self.try_template(b"\r\n".join(fewer) + blank + body):
                lines = fewer

    def shorten_fills(self) -> None:
        """Shorten long runs of one byte."""
        for match in FILL_MARKER.finditer(self.probe.template):
            low, high = 0, int(match[1])
            while low + max(1, high // 20) < high and self.tries > 0:
                middle = (low + high) // 2
                old, new = b"{{fill %d " % high, b"{{fill %d " % middle
                if self.try_template(self.probe.template.replace(old, new)):
                    high = middle
                else:
                    low = middle

    def shrink_body(self) -> None:
        """Remove the body, or pieces of it."""
        head, blank, body = self.probe.template.partition(BLANK_LINE)
        if body and not self.try_template(head + blank):
            self.remove_pieces(head + blank, split_body(head, body), b"")

    def shrink_head(self) -> None:
        """Remove bytes of the first line and of the headers' values."""
        place = 0
        while True:
            head, blank, body = self.probe.template.partition(BLANK_LINE)
            lines = head.split(b"\r\n")
            if place >= len(lines):
                return
            before = b"".join(line + b"\r\n" for line in lines[:place])
            after = b"".join(b"\r\n" + line for line in lines[place + 1 :]) + blank + body
            start, middle, end = split_line(lines[place])
            self.remove_pieces(before + start, split_atoms(middle), end + after)
            place += 1

    def remove_pieces(self, before: bytes, rest: list[bytes], after: bytes) -> None:
        """Remove runs of pieces between two texts, long runs first."""
        size = max(1, len(rest) // 2)
        while rest and self.tries > 0:
            place = 0
            while place < len(rest) and self.tries > 0:
                fewer = rest[:place] + rest[place + size :]
                if self.try_template(before + b"".join(fewer) + after):
                    rest = fewer
                else:
                    place += size
            if size == 1:
                return
            size = max(1, size // 2)


def split_line(line: bytes) -> tuple[bytes, bytes, bytes]:
    """Return three parts of a line of the head; only the middle part is shortened.

    The method, the first slash of the path, HTTP/1.1 and the name of a header stay: without them
    the verdict could be the same for another reason.
    """
    if line == USUAL_HOST:
        return line, b"", b""
    match = FIRST_LINE.fullmatch(line) or HEADER.fullmatch(line)
    return (match[1], match[2], match[3]) if match else (b"", line, b"")


def split_body(head: bytes, body: bytes) -> list[bytes]:
    """Return the pieces of a body: of a multipart body the lines, so that the form stays valid."""
    if b"multipart/" not in head.lower():
        return split_atoms(body)
    return [line for line in PART_LINE.split(body) if line]
