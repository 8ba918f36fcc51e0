"""Read HTML pages with the few queries that clauses need."""

from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.contract.reply import Reply

# The site's own hidden fields; the others of a POST form carry the CSRF token.
OWN_HIDDEN_FIELDS = {"dish_id", "quantity", "next", "status", "idempotency_key"}


class Form(NamedTuple):
    """A form of a page: its address, its fields with their values, and its CSRF fields."""

    action: str
    fields: dict[str, str]
    csrf: dict[str, str]


class Page:
    """One page of a reply."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self._tree = LexborHTMLParser(reply.text)

    def all(self, selector: str) -> list[LexborNode]:
        """Return the elements that match a CSS selector."""
        return self._tree.css(selector)

    def one(self, selector: str) -> LexborNode:
        """Return the only element that matches a CSS selector."""
        nodes = self.all(selector)
        assert len(nodes) == 1, f"{len(nodes)} of {selector!r} on {self.reply.url}"
        return nodes[0]

    def texts(self, selector: str) -> list[str]:
        """Return the texts of the elements that match a CSS selector."""
        return [text_of(node) for node in self.all(selector)]

    def text(self, selector: str = "body") -> str:
        """Return the text of the only element that matches a CSS selector."""
        return text_of(self.one(selector))

    def value(self, selector: str) -> str:
        """Return the value of a field."""
        node = self.one(selector)
        if node.tag == "textarea":
            return str(node.text())
        return node.attributes.get("value") or ""

    def errors(self) -> str:
        """Return all error messages of the page as one text."""
        return " ".join(self.texts(".error"))

    def forms(self, action: str) -> list[Form]:
        """Return the POST forms for an address."""
        return [
            _form_of(node)
            for node in self.all("form")
            if node.attributes.get("action") == action and _attribute(node, "method") == "post"
        ]

    def form(self, action: str) -> Form:
        """Return the first POST form for an address."""
        forms = self.forms(action)
        assert forms, f"no form on {self.reply.url} goes to {action}"
        return forms[0]


def text_of(node: LexborNode) -> str:
    """Return an element's text with each run of whitespace as one space."""
    return " ".join(str(node.text()).split())


def _attribute(node: LexborNode, name: str) -> str:
    return (node.attributes.get(name) or "").lower()


def _form_of(node: LexborNode) -> Form:
    fields: dict[str, str] = {}
    csrf: dict[str, str] = {}
    for field in node.css("input, select, textarea"):
        name = field.attributes.get("name") or ""
        fields[name] = field.attributes.get("value") or ""
        if _attribute(field, "type") == "hidden" and name not in OWN_HIDDEN_FIELDS:
            csrf[name] = fields[name]
    return Form(node.attributes.get("action") or "", fields, csrf)
