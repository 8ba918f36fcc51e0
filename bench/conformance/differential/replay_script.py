"""Write a sequence of requests as a Python script that needs only the standard library."""

import re
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from bench.agent import multipart
from bench.conformance.differential import http_client
from bench.conformance.differential.http_client import Request
from bench.conformance.differential.sequences import MismatchFound
from bench.core.files import write_file

SCRIPT_HEAD = '''"""{what}

Found by: cookoff differential {options}
Replay:   make database-reset; make serve-{site}
          python3 {name} http://127.0.0.1:8000
The script needs only Python, and a site with a new database. With two addresses the script sends
the requests to both sites, and prints the difference of the last replies.

{details}
"""
'''
SCRIPT_TAIL = '''

def main(urls: list[str]) -> None:
    """Send all requests to each address, and print the replies."""
    last = []
    for url in urls:
        session = HttpSession(url)
        for request in REQUESTS:
            reply = session.send(request)
            print(f"{request.user}: {request.method} {request.path}")
            print(f"    {reply.status}", *(f"    {n}: {t}" for n, t in reply.headers), sep="\\n")
        session.connection.close()
        print(reply.body.decode("utf-8", "replace"))
        last.append([f"{reply.status}", *(f"{n}: {t}" for n, t in reply.headers),
                     *reply.body.decode("utf-8", "replace").splitlines()])
    if len(last) == 2:
        print(*difflib.unified_diff(*last, *urls, lineterm="", n=1), sep="\\n")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} http://127.0.0.1:8000 [another address]")
    main(sys.argv[1:])
'''


def build_script(mismatch: MismatchFound, options: str, name: str) -> str:
    """Return the script that replays a mismatch.

    `options` are those of the command that found it, `name` is that of the script's file.
    """
    site = next((s for s in mismatch.key.sites if re.fullmatch(r"\w+", s)), "bare")
    what = "; ".join(difference.format_line() for difference in mismatch.differences)
    details = "\n\n".join(difference.details for difference in mismatch.differences)
    head = SCRIPT_HEAD.format(
        what=what, options=options, site=site, name=name, details=escape_docstring(details)
    )
    return join_script(head, [step.request for step in mismatch.steps])


def join_script(head: str, requests: Sequence[Request]) -> str:
    """Return a script, which begins with `head`, that sends requests."""
    lines = "".join(f"    {request_source(request)},\n" for request in requests)
    return (
        head
        + "import difflib\nimport sys\n"
        + read_source(multipart)
        + "\n\n"
        + read_source(http_client)
        + f"\n\nREQUESTS = [\n{lines}]\n"
        + SCRIPT_TAIL
    )


def read_source(module: ModuleType) -> str:
    """Return the source of a module without its docstring and without imports of the harness."""
    assert module.__file__
    source = Path(module.__file__).read_text(encoding="utf-8").partition('"""\n')[2]
    lines = source.lstrip("\n").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("from bench."))


def escape_docstring(text: str) -> str:
    """Return a text with the escapes that a docstring needs."""
    return text.replace("\\", "\\\\").replace('"""', "'''").rstrip('"')


def format_requests(mismatch: MismatchFound) -> str:
    """Return the requests of a sequence as Python, a line each."""
    return "".join(f"    {request_source(step.request)},\n" for step in mismatch.steps)


def request_source(request: Request) -> str:
    """Return a request as Python, without fields that have their default value."""
    defaults = Request._field_defaults
    arguments = [
        f"{name}={format_literal(value)}"
        for name, value in zip(request._fields, request, strict=True)
        if name not in defaults or defaults[name] != value
    ]
    return f"Request({', '.join(arguments)})"


def format_literal(value: object) -> str:
    """Return a value as Python; shorten bytes that end in many zeros, as a large photo does."""
    if isinstance(value, bytes) and len(core := value.rstrip(b"\0")) < len(value) - 100:
        return f"{core!r}.ljust({len(value)}, b'\\0')"
    return repr(value)


def write_scripts(
    mismatches: Sequence[MismatchFound], options: str, names: Sequence[str], folder: Path
) -> None:
    """Write a script for each mismatch to the file with the name in the folder."""
    for mismatch, name in zip(mismatches, names, strict=True):
        write_file(folder / name, build_script(mismatch, options, name))
