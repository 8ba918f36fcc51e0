"""Write a page's DOM in one canonical form, a node a line, so that equal texts mean equal pages.

Differences that a reader of the page cannot see are removed: the order of attributes, whitespace
between blocks, comments, spellings of boolean attributes. Values that differ from site to site are
replaced by markers: CSRF fields, idempotency keys, order codes, names of photos, times, and text
under `data-varies`, such as the framework's name in the footer.

Pages are parsed by lexbor, as browsers of today parse them. html5lib follows the standard of 2020
and needs ten times as long; the contract runs it beside lexbor for its list of parse errors, which
selectolax does not report.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from difflib import unified_diff
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree.ElementTree import Element

from selectolax.lexbor import LexborHTMLParser, LexborNode

# The site's own hidden fields; any other hidden field of a POST form is a CSRF field.
SITE_HIDDEN_FIELDS = {"dish_id", "quantity", "next", "status", "idempotency_key"}
# Whitespace beside these elements is visible; beside any other element it is not.
TEXT_ELEMENTS = {"a", "abbr", "b", "code", "em", "i", "q", "small", "span", "strong", "time"}
VERBATIM_ELEMENTS = {"pre", "template", "textarea"}
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
    """Return the canonical DOM of a page that is already parsed; the tree is changed."""
    _normalize_tree(root)
    return _insert_markers("\n".join(_format_lines(root, 0)))


def parse_html(html: str) -> Element:
    """Return the page's root element, without comments."""
    root = LexborHTMLParser(html).root
    assert root is not None
    return _convert_node(root)


def diff_pages(left: str, right: str, left_name: str, right_name: str) -> str:
    """Return a unified diff of two canonical DOMs, "" if they are equal."""
    pair = (left.splitlines(), right.splitlines())
    return "\n".join(unified_diff(*pair, left_name, right_name, lineterm="", n=2))


def _convert_node(node: LexborNode) -> Element:
    """Return a node of lexbor and its descendants as elements."""
    attributes = {name: text or "" for name, text in node.attributes.items()}
    element, last = Element(str(node.tag), attributes), None
    if node.tag == "template":  # its content is no child of the node
        element.text = node.html
    child = node.first_child
    while child is not None:
        if child.tag == "-text":
            _append_text(element, last, child.text_content or "")
        # A comment is "-comment", a processing instruction has no tag, a doctype begins with "!".
        elif child.tag is not None and not child.tag.startswith(("-", "!")):
            last = _convert_node(child)
            element.append(last)
        child = child.next
    return element


def _append_text(parent: Element, last: Element | None, text: str) -> None:
    """Append a text to an element, whose last child is `last`."""
    if last is None:
        parent.text = (parent.text or "") + text
    else:
        last.tail = (last.tail or "") + text


def _normalize_tree(root: Element) -> None:
    """Remove comments, mark CSRF fields, and mark text that varies."""
    for form in root.iter("form"):
        if form.get("method", "").lower() == "post" and _remove_elements(form, _is_csrf_field):
            form.insert(0, Element("csrf-field"))
    _remove_elements(root, lambda element: not isinstance(element.tag, str))
    for element in root.iter():
        if "data-varies" in element.attrib:
            element[:] = []
            element.text = "[varies]"


def _remove_elements(root: Element, unwanted: Callable[[Element], bool]) -> bool:
    """Remove elements but not the text after them; return whether there were any."""
    pairs = [(parent, child) for parent in root.iter() for child in parent if unwanted(child)]
    for parent, child in pairs:
        place = list(parent).index(child)
        _append_text(parent, parent[place - 1] if place else None, child.tail or "")
        parent.remove(child)
    return bool(pairs)


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
    """Return the text before the first child, and the text after each child."""
    return [element.text or "", *(child.tail or "" for child in element)]


def _collapse_text(
    text: str, parent: Element, before: Element | None, after: Element | None
) -> str:
    """Return the visible text between two elements of a parent."""
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
    """Return an address with its query in one spelling: "?q=a/b" is equal to "?q=a%2Fb"."""
    parts = urlsplit(value)
    return parts._replace(query=urlencode(parse_qsl(parts.query, keep_blank_values=True))).geturl()


def _insert_markers(text: str) -> str:
    """Replace values that differ from site to site: order codes, file names, times."""
    for number, code in enumerate(dict.fromkeys(ORDER_CODE.findall(text)), start=1):
        text = text.replace(code, f"[order {number}]")
    text = PHOTO_NAME.sub(r"[photo].\1", MINUTE.sub("[minute]", text))
    now = datetime.now(UTC)
    for day in (now, now - timedelta(days=1)):
        text = text.replace(f"{day:%Y-%m-%d}", "[today]")
    return text
