"""How does code become HTML, line by line, with the framework's names set apart?"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup, escape
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, Name

# Kinds of words that look like plain text: a mark around each would only make the page larger.
PLAIN = {"n", "p", "w", "x", "", "o", "nv", "ni"}
LANGUAGES = {
    ".py": "python",
    ".html": "html+jinja",
    ".jinja2": "html+jinja",
    ".tpl": "html",
    ".pt": "html",
    ".xhtml": "html",
    ".zcml": "xml",
    ".toml": "toml",
}


def language_of(file: str) -> str:
    """Return what Pygments calls the language of a file."""
    _, dot, ending = file.rpartition(".")
    return LANGUAGES.get(dot + ending, "text")


def painted(
    text: str, language: str, names: Mapping[str, str] | None = None, link: str = ""
) -> list[Markup]:
    """Return the lines of some code as HTML.

    `names` are the words that come from the framework, each with its full name; `link` is the
    address of its documentation, with {name} in it, "" where none is known.
    """
    lines: list[list[Markup]] = [[]]
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    for kind, word in lexer.get_tokens(text):
        for number, part in enumerate(word.split("\n")):
            if number:
                lines.append([])
            if part:
                lines[-1].append(marked(kind, part, names or {}, link))
    if lines[-1] == [] and text.endswith("\n"):
        lines.pop()
    return [Markup("").join(line) for line in lines]


def marked(kind: Any, word: str, names: Mapping[str, str], link: str) -> Markup:
    """Return one word with its kind around it."""
    if word in names and kind in Name:
        full = names[word]
        if link:
            address = link.replace("{name}", full.rpartition(".")[2])
            return Markup('<a class="fw" href="{}" title="{}">{}</a>').format(address, full, word)
        return Markup('<b class="fw" title="{}">{}</b>').format(full, word)
    short = STANDARD_TYPES.get(kind, "")
    return escape(word) if short in PLAIN else Markup('<i class="{}">{}</i>').format(short, word)


def in_lines(
    lines: list[Markup], first: int, classes: Mapping[int, str], ids: Mapping[int, str]
) -> Iterator[Markup]:
    """Yield lines, each with the class and the id that its number in the file is given."""
    for number, line in enumerate(lines, start=first):
        kind = Markup(' class="{}"').format(classes[number]) if number in classes else ""
        name = Markup(' id="{}"').format(ids[number]) if number in ids else ""
        yield Markup("<span{}{}>{}</span>\n").format(kind, name, line)


def without_links(lines: list[Markup]) -> list[Markup]:
    """Return painted lines whose names lead nowhere: a listing of everything would be all links."""
    link = re.compile(r'<a class="fw"[^>]*>(\w+)</a>')
    return [Markup(link.sub(r"<b>\1</b>", str(line))) for line in lines]
