"""Highlight code as HTML lines, with the framework's names marked."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, Operator, String

# The kinds of tokens that the stylesheet colours. Marks around other tokens, or around each part of
# a string, would only make the page larger.
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
    """Return Pygments' name for the language of a file."""
    _, dot, ending = file.rpartition(".")
    return LANGUAGES.get(dot + ending, "text")


def highlight_lines(
    text: str, language: str, names: Mapping[str, str] | None = None, link: str = ""
) -> list[Markup]:
    """Return the lines of a source as HTML.

    `names` maps the framework's words to their full names. `link` is the address of the
    framework's documentation with {name} in it, "" if unknown.
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
            for kind, words in groupby(line, key=lambda pair: pair[0])
        )
        for line in lines
    ]


def find_token_class(kind: Any, word: str, names: Mapping[str, str]) -> str:
    """Return the CSS class of a word, "" for a word without a colour."""
    if word in names and kind in Name:
        return f"{FRAMEWORK_CLASS} {word}"
    return next((css_class for token, css_class in TOKEN_CLASSES if kind in token), "")


def wrap_words(kind: str, words: str, names: Mapping[str, str], link: str) -> Markup:
    """Return words of one kind inside the element of that kind."""
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
    """Yield each line in an element, with the class and the id of its number in the file."""
    for number, line in enumerate(lines, start=first):
        kind = Markup(' class="{}"').format(classes[number]) if number in classes else ""
        name = Markup(' id="{}"').format(ids[number]) if number in ids else ""
        yield Markup("<span{}{}>{}</span>\n").format(kind, name, line)


def strip_links(lines: list[Markup]) -> list[Markup]:
    """Return highlighted lines without links, because a whole listing would be full of links."""
    link = re.compile(r'<a class="fw"[^>]*>(\w+)</a>')
    return [Markup(link.sub(r"<b>\1</b>", str(line))) for line in lines]
