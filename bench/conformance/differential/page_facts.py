"""Extract from a page the facts that the model can predict."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bench.conformance.canonical_dom import PHOTO_NAME
from bench.conformance.differential.text_rules import collapse_whitespace

# A fact is a list of texts: for each element of the first selector, the joined texts of the parts
# that the second selector finds in the element.
LIST_SELECTORS = {
    "flash": (".flash", ""),
    "errors": (".error", ""),
    "cards": ("li.dish", "h3, .description, .price, .sold-out"),
    "one dish": (".one-dish", ".description, .price, .allergens, .sold-out"),
    "reviews": (".review", "h3, .rating, .body"),
    "lines": ("main tbody tr", "th, td"),
    "tickets": (".ticket", "h3, .status, li, button"),
}
TEXT_SELECTORS = {
    "title": "h1",
    "count": ".count",
    "lead": "main > h1 + p:not(.error)",
    "found": "main > h1 ~ h2 + ul.dishes ~ nav p",
    "total": "tfoot td:nth-child(2)",
    "status": "main > .status strong",
    "next": "main > .next",
    "onward": "main > .onward a",
}


def extract_facts(html: str) -> dict[str, Any]:
    """Return the facts of a page by name, without empty facts."""
    tree = LexborHTMLParser(html)
    facts: dict[str, Any] = {
        name: find_text(tree, css)[:60] for name, css in TEXT_SELECTORS.items()
    }
    for name, (css, parts) in LIST_SELECTORS.items():
        facts[name] = [join_texts(node, parts) for node in tree.css(css)]
    facts["typed"] = read_form_values(tree)
    facts["ways"] = {
        node.attributes["rel"]: dict(parse_qsl(urlsplit(node.attributes["href"] or "").query))
        for node in tree.css("nav.pages a[rel]")
    }
    facts["forms"] = sorted({node.attributes.get("class") or "" for node in tree.css("main form")})
    pictures = [node.attributes["src"] or "" for node in tree.css(".one-dish img")]
    facts["picture"] = PHOTO_NAME.sub(r"[photo].\1", "".join(pictures))
    return {name: fact for name, fact in facts.items() if fact}


def find_text(tree: LexborHTMLParser, css: str) -> str:
    """Return the text of the first element of a selector, "" if there is none."""
    return next((collapse_whitespace(node.text()) for node in tree.css(css)), "")


def join_texts(node: LexborNode, parts: str) -> str:
    """Return the joined texts of an element's parts; without a selector, the element's text."""
    if not parts:
        return collapse_whitespace(node.text())
    return " | ".join(filter(None, (read_cell(part) for part in node.css(parts))))


def read_cell(node: LexborNode) -> str:
    """Return the text of an element, or the value of the number field in it."""
    field = node.css_first("input[type=number]")
    return (field.attributes["value"] or "") if field else collapse_whitespace(node.text())


def read_form_values(tree: LexborHTMLParser) -> dict[str, str]:
    """Return the values of the fields that a user fills in, and of the hidden field `next`."""
    values: dict[str, str] = {}
    for node in tree.css("main input, main textarea, option[selected]"):
        kind, name = node.attributes.get("type") or "", node.attributes.get("name") or ""
        value = str(node.text()) if node.tag == "textarea" else node.attributes.get("value") or ""
        if node.tag == "option":
            name = (node.parent.attributes.get("name") if node.parent else "") or ""
        if kind not in ("hidden", "number") or name == "next":
            values[name] = collapse_whitespace(value)
    return {name: value for name, value in values.items() if value}
