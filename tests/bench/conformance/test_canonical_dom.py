"""lexbor and html5lib, two parsers of HTML, read the same canonical DOM from a page."""

import re
from contextlib import closing
from pathlib import Path

import html5lib
import pytest

from bench.conformance.canonical_dom import canonicalize, canonicalize_tree
from tests.contract.house import Estate
from tests.contract.journey import STEPS, walk
from tests.contract.reply import Reply
from tests.contract.site import Site
from tests.contract.stock import SqliteStock

DOCUMENT = '<!DOCTYPE html><html lang="en"><title>t</title><main><p>a {} b</p></main></html>'
HOSTILE = (
    *("<p>a<br>b</p>", "<p>a<!-- c -->b</p>", "<p>a<![CDATA[x]]>b</p>", "<?php echo 1 ?>", "<%x%>"),
    *("<svg><![CDATA[x<y]]></svg>", "<svg/onload=alert(1)>", "<math><mi>x</mi></math>", "<!x>"),
    *("<svg viewBox='0 0 1 1'><linearGradient id=x /><path d='M0'/></svg>", "</p>", "</br>"),
    *("<svg><foreignObject><p>x</p></foreignObject></svg>", "<svg><title><p>x</title></svg>"),
    *("<noscript><p>x</p></noscript>", "<table><p>x<tr><td>y</table>", "<table>text<tr><td>y"),
    *("<b><p>x</b>y</p>", "<a href=1><a href=2>x</a>", "<form><form><input></form>", "<p =x>"),
    *("<textarea>\nx</textarea>", "<textarea>\n\nx</textarea>", "<pre>\n\nx</pre>", "<p/a/b=c/>"),
    *("<p a=1 A=2 a=3>", "<p \"=x '<=y `=z>", "<p title='&copy=1&copy;&notin;'>x", "<p\x00x>"),
    *(
        "&amp;&lt;&notit;&copy&copy;&#x80;&#0;&#xD800;&#x110000;&unknown;",
        "a\x00b",
        "<p a\x00=\x00>",
    ),
    *(
        "<script>alert('</p>')</script>",
        "<script><!-- <script> </script> --></script>",
        "<style>p{}",
    ),
    *(
        "<title>a<b>c</title>",
        "<plaintext>x</p>",
        "<xmp><p></xmp>",
        "<iframe><p></iframe>",
        "<!-->x",
    ),
    *("<frameset><frame></frameset>", "<body a=1><body b=2>", "<html lang=x><html c=d>", "<!--->x"),
    *(
        "<li>a<li>b",
        "<dd>a<dt>b",
        "<h1>a<h2>b</h1>",
        "<button>a<button>b",
        "<nobr>a<nobr>b",
        "<!--x",
    ),
    *("<table><tr><form><td></form></table>", "<table><input type=hidden><input>", "<!--x--!>y"),
    *(
        "<p>a\nb\tc</p>",
        "<p>\r\nx\ry</p>",
        "<p>a\u00a0b</p>",
        "<p>\x0b\x0c\x7f</p>",
        "<p>\ud7ff\ufffe",
    ),
    *("<u:x y:z=1>", "<p xml:lang=a xlink:href=b>", "<INPUT TYPE=HIDDEN NAME=X>", "<", "</", "</>"),
    *(
        "\"'></title><script>alert(1)</script>&amp;{{7*7}}[[7*7]]${7*7}",
        "<a b='x>",
        "&#x;",
        "<p>🍲",
    ),
    *("<i><b>x</i>y</b>", "<em><div>x</em>y</div>", "<svg><p>x</svg>", "<svg><font color=a></svg>"),
    *(
        "<math><annotation-xml encoding=text/html><p>x</annotation-xml></math>",
        "</html>x",
        "</body>x",
    ),
    *(
        "<p>" + "<div>" * 200 + "x",
        "<b>" * 30 + "x",
        "",
        "\ufeff<p>x</p>",
        "<p>שלום \u202eabc\u202c",
    ),
)
# Where html5lib 1.1 follows an older standard than browsers do; the site has none of these.
NEWER = ("<select><option>a<p>b</select>", "<select><hr></select>", "<dialog><p>a</dialog>")


def read_with_html5lib(text: str) -> str:
    """Return the canonical DOM as html5lib reads it; lexbor's tags have no namespaces."""
    tree = html5lib.parse(text, treebuilder="etree", namespaceHTMLElements=False)
    return re.sub(r"<\{[^}]*\}", "<", canonicalize_tree(tree))


@pytest.mark.parametrize("snippet", HOSTILE)
def test_both_parsers_read_the_same_dom_from_hostile_text(snippet: str) -> None:
    for page in (snippet, DOCUMENT.format(snippet), f'<p title="{snippet}">{snippet}</p>'):
        assert canonicalize(page) == read_with_html5lib(page)


@pytest.mark.parametrize("snippet", NEWER)
def test_html5lib_follows_an_older_standard(snippet: str) -> None:
    page = DOCUMENT.format(snippet)
    assert canonicalize(page) != read_with_html5lib(page)


def test_both_parsers_read_the_same_dom_from_every_page_of_bare(tmp_path: Path) -> None:
    estate = Estate(tmp_path, SqliteStock(tmp_path))
    with estate.open_house("bare") as house, closing(Site("bare", house.url, house)) as site:
        pages = walk(site)
    replies = {name: page for name, (page, _) in pages.items() if isinstance(page, Reply)}
    assert len(replies) == len(STEPS)
    for name, reply in replies.items():
        assert canonicalize(reply.text) == read_with_html5lib(reply.text), name


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("<p a=1 b=2>x", "<p b=2 a='1'>x</p>"),
        ("<p>x</p>\n<p>y</p>", "<p>x</p><p>y</p>"),
        ("<p>x<!-- c --></p>", "<p>x</p>"),
        ("<input required>", "<input required='required'>"),
        ("<a href='/?q=a/b'>x</a>", "<a href='/?q=a%2Fb'>x</a>"),
        ("<p class=' a  b'>", "<p class='a b'>"),
        ("<p><span data-varies>x</span>", "<p><span data-varies><b>y</b></span>"),
        ("<a href='/orders/abcdef'>x</a>", "<a href='/orders/fedcba'>x</a>"),
        (
            "<form method=post><input type=hidden name=a value=1></form>",
            "<form method=post><input type=hidden name=b value=2></form>",
        ),
    ],
)
def test_pages_that_look_the_same_are_equal(left: str, right: str) -> None:
    assert canonicalize(left) == canonicalize(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("<p>x <b>y</b></p>", "<p>x<b>y</b></p>"),
        ("<p>x", "<p><i>x</i>"),
        ("<p a=1>x", "<p a=2>x"),
        ("<textarea>\n\nx</textarea>", "<textarea>\nx</textarea>"),
        ("<template><p>x</template>", "<template><p>y</template>"),
        ("<form method=post><input type=hidden name=a></form>", "<form method=post></form>"),
        ("<form method=post><input type=hidden name=status value=1></form>",
         "<form method=post><input type=hidden name=status value=2></form>"),
        ("<p>x</p>", "<p>x</p><p>y</p>"),
    ],
)  # fmt: skip
def test_pages_that_look_different_are_not_equal(left: str, right: str) -> None:
    assert canonicalize(left) != canonicalize(right)
