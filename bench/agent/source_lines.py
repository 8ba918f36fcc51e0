"""Find the source line that a frame runs, also in templates that are compiled to Python.

Jinja2, Chameleon and Renoir keep tables of lines; SimpleTemplate and Kajiki compile a template to
code with the template's own lines; each node of a Django template knows its line. A view that
web2py compiled has no lines: its line is 0. Runs inside a framework's environment.
"""

from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import NamedTuple

TEMPLATE_SUFFIXES = (".html", ".tpl", ".xhtml", ".jinja2", ".pt", ".cpt")
DJANGO_NODES, DJANGO_METHOD = "django/template/base.py", "render_annotated"
COMPILED_BY_WEB2PY = "/compiled/"
FileLine = tuple[str, int]


class SourceLine(NamedTuple):
    """One line of source: a line of Python code or of a template."""

    file: str
    line: int  # 0 when unknown
    function: str  # "" in a template
    is_template: bool


def find_jinja2_line(frame: FrameType) -> FileLine | None:
    """Return the line of a template that Jinja2 compiled."""
    template = frame.f_globals.get("__jinja_template__")
    if template is None or not template.filename:
        return None
    return template.filename, template.get_corresponding_lineno(frame.f_lineno)


def find_chameleon_line(frame: FrameType) -> FileLine | None:
    """Return the line of a template that Chameleon compiled; its code stores the last token."""
    tokens = frame.f_globals.get("__tokens")
    if tokens is None:
        return None
    token = frame.f_locals.get("__token")
    return frame.f_globals["__filename"], tokens[token][1] if token in tokens else 0


def find_web2py_line(frame: FrameType) -> FileLine | None:
    """Return the line of a file that web2py compiled: "compiled/views.default.menu.html.py"."""
    folder, compiled, name = frame.f_code.co_filename.partition(COMPILED_BY_WEB2PY)
    if not compiled:
        return None
    kind, *parts = name.removesuffix(".py").split(".")
    if kind == "views":
        return f"{folder}/views/{'/'.join(parts[:-1])}.{parts[-1]}", 0
    if kind == "controllers":  # one file for each function, which begins with the whole controller
        parts = parts[:-1]
    return f"{folder}/{kind}/{'/'.join(parts)}.py", frame.f_lineno


def find_renoir_line(frame: FrameType) -> FileLine | None:
    """Return the line of a template that Renoir compiled; the calling frame has its table."""
    if "__writer__" not in frame.f_globals or not frame.f_code.co_filename.endswith(".html"):
        return None
    caller = frame.f_back
    while caller and "content" not in caller.f_locals:
        caller = caller.f_back
    if not caller:
        return None
    table = caller.f_locals["content"].reference()
    if frame.f_lineno > len(table):
        return caller.f_locals["file_path"], 0
    file, lines = table[frame.f_lineno - 1][:2]
    return str(file), int(lines[0])


FINDERS: tuple[Callable[[FrameType], FileLine | None], ...] = (
    find_jinja2_line,
    find_chameleon_line,
    find_renoir_line,
    find_web2py_line,
)


class LineFinder:
    """Finds the source lines of frames, and remembers those that a frame's own line decides."""

    def __init__(self) -> None:
        # By the id of the code and the line: a code object's hash takes long to compute.
        self._lines: dict[tuple[int, int], list[SourceLine]] = {}
        self._codes: dict[int, CodeType] = {}  # the references keep the ids unique

    def find(self, frame: FrameType) -> list[SourceLine]:
        """Return the source line of a frame, and of the Django node that it renders, if any."""
        code = frame.f_code
        if code.co_name == DJANGO_METHOD or "__tokens" in frame.f_globals:
            return locate(frame)
        key = id(code), frame.f_lineno
        if key not in self._lines:
            self._codes[id(code)] = code
            self._lines[key] = locate(frame)
        return self._lines[key]


def locate(frame: FrameType) -> list[SourceLine]:
    """Return the source line of a frame, and of the Django node that it renders, if any."""
    for find in FINDERS:
        if position := find(frame):
            return [build_line(*position, frame)]
    lines = [build_line(frame.f_code.co_filename, frame.f_lineno, frame)]
    if frame.f_code.co_name == DJANGO_METHOD and lines[0].file.endswith(DJANGO_NODES):
        node = frame.f_locals["self"]
        if token := getattr(node, "token", None):
            lines.append(SourceLine(node.origin.name, token.lineno or 0, "", True))
    return lines


def build_line(file: str, line: int, frame: FrameType) -> SourceLine:
    """Return a line of a file, which a frame runs."""
    is_template = Path(file).suffix in TEMPLATE_SUFFIXES
    # Python 3.11 runs a comprehension as a function of its own.
    function = frame.f_code.co_qualname.partition(".<locals>.<")[0]
    return SourceLine(file, line, "" if is_template else function, is_template)
