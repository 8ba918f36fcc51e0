"""How can anybody replay a journey? Writes it as one Python file that needs nothing else."""

import re
from collections.abc import Sequence
from pathlib import Path

from bench.conformance.differential import http_client
from bench.conformance.differential.http_client import Request
from bench.conformance.differential.sequences import MismatchFound
from bench.core.files import write_file

SCRIPT_HEAD = '''"""{what}

Found by: cookoff walk --seed {seed}
Replay:   make larder-reset; make serve-{site}
          python3 {name} http://127.0.0.1:8000
It needs nothing but Python, and a larder as it is in the beginning. With two addresses it asks
both, and says where the last replies differ.

{details}
"""
'''
SCRIPT_TAIL = '''

def main(urls: list[str]) -> None:
    """Go the whole way at each address, and show what came back."""
    last = []
    for url in urls:
        visit = Visit(url)
        for request in JOURNEY:
            reply = visit.ask(request)
            print(f"{request.who}: {request.method} {request.path}")
            print(f"    {reply.status}", *(f"    {n}: {t}" for n, t in reply.headers), sep="\\n")
        visit.connection.close()
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


def build_script(found: MismatchFound, seed: int, name: str) -> str:
    """Return the script that replays a find."""
    site = next((s for s in found.key.sites if re.fullmatch(r"\w+", s)), "bare")
    what = "; ".join(one.format_line() for one in found.differences)
    details = "\n\n".join(one.details for one in found.differences)
    source = Path(http_client.__file__).read_text(encoding="utf-8").partition('"""\n')[2]
    imports = "import difflib\nimport sys\n"
    return (
        SCRIPT_HEAD.format(
            what=what, seed=seed, site=site, name=name, details=escape_docstring(details)
        )
        + imports
        + source.lstrip("\n")
        + f"\n\nJOURNEY = [\n{format_requests(found)}]\n"
        + SCRIPT_TAIL
    )


def escape_docstring(text: str) -> str:
    """Return a text that may stand in a docstring."""
    return text.replace("\\", "\\\\").replace('"""', "'''").rstrip('"')


def format_requests(found: MismatchFound) -> str:
    """Return the requests of a journey, a line each."""
    return "".join(f"    {request_source(step.request)},\n" for step in found.steps)


def request_source(request: Request) -> str:
    """Return a request as Python; what is as usual is left out."""
    usual = Request._field_defaults
    named = [
        f"{name}={format_literal(value)}"
        for name, value in zip(request._fields, request, strict=True)
        if name not in usual or usual[name] != value
    ]
    return f"Request({', '.join(named)})"


def format_literal(value: object) -> str:
    """Return a value as Python; bytes that end in many zeros, as a large photo does, in short."""
    if isinstance(value, bytes) and len(core := value.rstrip(b"\0")) < len(value) - 100:
        return f"{core!r}.ljust({len(value)}, b'\\0')"
    return repr(value)


def write_scripts(
    finds: Sequence[MismatchFound], seed: int, names: Sequence[str], folder: Path
) -> None:
    """Write a script for each find."""
    for found, name in zip(finds, names, strict=True):
        write_file(folder / name, build_script(found, seed, name))
