"""Are two pages the same page? Writes a page's DOM in one canonical form, a node a line.

What a guest cannot tell apart comes out equal: order of attributes, whitespace between blocks,
comments, spellings of boolean attributes. What differs by nature is replaced by a marker: CSRF
fields, idempotency keys, order codes, photo names, times, and text under `data-varies`.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from difflib import unified_diff
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree.ElementTree import Element

import html5lib

# The site's own hidden fields; any other hidden field of a POST form is the CSRF token's.
SITE_HIDDEN_FIELDS = {"dish_id", "quantity", "next", "status", "idempotency_key"}
# Whitespace beside these is seen by a guest; beside any other element it is not.
TEXT_ELEMENTS = {"a", "abbr", "b", "code", "em", "i", "q", "small", "span", "strong", "time"}
VERBATIM_ELEMENTS = {"pre", "textarea"}
BOOLEAN_ATTRIBUTES = {"async", "checked", "defer", "disabled", "multiple", "readonly", "required",
                      "selected"}  # fmt: skip
ADDRESS_ATTRIBUTES = {"action", "href", "src"}
ORDER_CODE = re.compile(r"/orders/(?!orders\.csv)([\w-]{6,})")
PHOTO_NAME = re.compile(r"\b[0-9a-f]{32}\.(png|jpg|webp)\b")
MINUTE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")


def canonicalize(html: str) -> str:
    """Return the page's canonical DOM; equal texts mean equal pages."""
    return canonicalize_tree(parse_html(html))


def canonicalize_tree(root: Element) -> str:
    """Return the canonical DOM of a page already parsed; the tree is trimmed on the way."""
    _normalize_tree(root)
    return _insert_markers("\n".join(_format_lines(root, 0)))


def parse_html(html: str) -> Element:
    """Return the page's root element as every browser would build it."""
    root: Element = html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)
    return root


def diff_pages(left: str, right: str, left_name: str, right_name: str) -> str:
    """Return a unified diff of two canonical DOMs, "" where they are equal."""
    pair = (left.splitlines(), right.splitlines())
    return "\n".join(unified_diff(*pair, left_name, right_name, lineterm="", n=2))


def _normalize_tree(root: Element) -> None:
    """Take out comments, mark CSRF fields, and forget text that varies."""
    for form in root.iter("form"):
        if form.get("method", "").lower() == "post" and _remove_elements(form, _is_csrf_field):
            form.insert(0, Element("csrf-field"))
    _remove_elements(root, lambda element: not isinstance(element.tag, str))
    for element in root.iter():
        if "data-varies" in element.attrib:
            element[:] = []
            element.text = "[varies]"


def _remove_elements(root: Element, unwanted: Callable[[Element], bool]) -> bool:
    """Remove elements but keep the text after them; return whether there were any."""
    found = [(parent, child) for parent in root.iter() for child in parent if unwanted(child)]
    for parent, child in found:
        place = list(parent).index(child)
        before = parent[place - 1] if place else None
        if before is None:
            parent.text = (parent.text or "") + (child.tail or "")
        else:
            before.tail = (before.tail or "") + (child.tail or "")
        parent.remove(child)
    return bool(found)


def _is_csrf_field(element: Element) -> bool:
    hidden = element.tag == "input" and element.get("type", "").lower() == "hidden"
    return hidden and element.get("name") not in SITE_HIDDEN_FIELDS


def _format_lines(element: Element, depth: int) -> Iterator[str]:
    indent = "  " * depth
    yield f"{indent}<{element.tag}{_format_attributes(element)}>"
    children = list(element)
    before = None
    for text, after in zip(_list_texts(element), [*children, None], strict=True):
        if shown := _collapse_text(text, element, before, after):
            yield f"{indent}  {shown!r}"
        if after is not None:
            yield from _format_lines(after, depth + 1)
        before = after


def _list_texts(element: Element) -> list[str]:
    """Return the text before the first child, and the text after each."""
    return [element.text or "", *(child.tail or "" for child in element)]


def _collapse_text(
    text: str, parent: Element, before: Element | None, after: Element | None
) -> str:
    """Return text as a guest sees it between two elements of its parent."""
    if parent.tag in VERBATIM_ELEMENTS:
        return text
    text = re.sub(r"[ \t\n\r\f]+", " ", text)
    if (parent if before is None else before).tag not in TEXT_ELEMENTS:
        text = text.removeprefix(" ")
    if (parent if after is None else after).tag not in TEXT_ELEMENTS:
        text = text.removesuffix(" ")
    return text


def _format_attributes(element: Element) -> str:
    return "".join(
        f" {name}={_normalize_value(element, name, value)!r}"
        for name, value in sorted(element.attrib.items())
    )


def _normalize_value(element: Element, name: str, value: str) -> str:
    if name in BOOLEAN_ATTRIBUTES:
        return ""
    if name == "value" and element.get("name") == "idempotency_key":
        return "[idempotency key]"
    if name in ADDRESS_ATTRIBUTES:
        return _normalize_address(value)
    return " ".join(value.split()) if name == "class" else value


def _normalize_address(value: str) -> str:
    """Return an address with its query in one spelling: "?q=a/b" and "?q=a%2Fb" ask the same."""
    parts = urlsplit(value)
    return parts._replace(query=urlencode(parse_qsl(parts.query, keep_blank_values=True))).geturl()


def _insert_markers(text: str) -> str:
    """Replace what no two kitchens can have in common: codes, file names, times."""
    for number, code in enumerate(dict.fromkeys(ORDER_CODE.findall(text)), start=1):
        text = text.replace(code, f"[order {number}]")
    text = PHOTO_NAME.sub(r"[photo].\1", MINUTE.sub("[minute]", text))
    now = datetime.now(UTC)
    for day in (now, now - timedelta(days=1)):
        text = text.replace(f"{day:%Y-%m-%d}", "[today]")
    return text
