"""How does code become HTML, line by line, with the framework's names set apart?"""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, Operator, String

# The kinds of words that the stylesheet tells apart. A mark around any other would only make the
# page larger, as one around each part of a string would.
TOKEN_CLASSES = (
    (Keyword, "k"),
    (Operator.Word, "k"),
    (Name.Tag, "k"),
    (String, "s"),
    (Number, "m"),
    (Name.Function, "d"),
    (Name.Class, "d"),
    (Name.Decorator, "d"),
    (Comment.Preproc, ""),
    (Comment, "c"),
)
FRAMEWORK_CLASS = "fw"
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


def find_language(file: str) -> str:
    """Return what Pygments calls the language of a file."""
    _, dot, ending = file.rpartition(".")
    return LANGUAGES.get(dot + ending, "text")


def highlight_lines(
    text: str, language: str, names: Mapping[str, str] | None = None, link: str = ""
) -> list[Markup]:
    """Return the lines of some code as HTML.

    `names` are the words that come from the framework, each with its full name; `link` is the
    address of its documentation, with {name} in it, "" where none is known.
    """
    lines: list[list[tuple[str, str]]] = [[]]
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    for kind, word in lexer.get_tokens(text):
        for number, part in enumerate(word.split("\n")):
            if number:
                lines.append([])
            if part:
                lines[-1].append((find_token_class(kind, part, names or {}), part))
    if lines[-1] == [] and text.endswith("\n"):
        lines.pop()
    return [
        Markup("").join(
            wrap_words(kind, "".join(word for _, word in words), names or {}, link)
            for kind, words in groupby(line, key=lambda one: one[0])
        )
        for line in lines
    ]


def find_token_class(kind: Any, word: str, names: Mapping[str, str]) -> str:
    """Return what the stylesheet calls a word's kind."""
    if word in names and kind in Name:
        return f"{FRAMEWORK_CLASS} {word}"
    return next((short for known, short in TOKEN_CLASSES if kind in known), "")


def wrap_words(kind: str, words: str, names: Mapping[str, str], link: str) -> Markup:
    """Return words of one kind with its mark around them."""
    if kind.startswith(FRAMEWORK_CLASS):
        full = names[words]
        if link:
            address = link.replace("{name}", full.rpartition(".")[2])
            return Markup('<a class="fw" href="{}" title="{}">{}</a>').format(address, full, words)
        return Markup('<b class="fw" title="{}">{}</b>').format(full, words)
    return Markup('<i class="{}">{}</i>').format(kind, words) if kind else escape(words)


def wrap_lines(
    lines: list[Markup], first: int, classes: Mapping[int, str], ids: Mapping[int, str]
) -> Iterator[Markup]:
    """Yield lines, each with the class and the id that its number in the file is given."""
    for number, line in enumerate(lines, start=first):
        kind = Markup(' class="{}"').format(classes[number]) if number in classes else ""
        name = Markup(' id="{}"').format(ids[number]) if number in ids else ""
        yield Markup("<span{}{}>{}</span>\n").format(kind, name, line)


def strip_links(lines: list[Markup]) -> list[Markup]:
    """Return painted lines whose names lead nowhere: a listing of everything would be all links."""
    link = re.compile(r'<a class="fw"[^>]*>(\w+)</a>')
    return [Markup(link.sub(r"<b>\1</b>", str(line))) for line in lines]
