"""Who is unlike the others? The model decides where it has a say, the majority where it has not."""

from dataclasses import replace

import pytest

from bench.conformance.canonical_dom import canonicalize
from bench.conformance.differential.differences import (
    MODEL,
    Difference,
    DifferenceKey,
    find_differences,
)
from bench.conformance.differential.expected import NormalizedReply, Step
from bench.conformance.differential.http_client import Reply, Request
from bench.conformance.differential.model import SiteModel
from bench.conformance.differential.observed import canonicalize_reply
from bench.conformance.differential.sites import Sites, StepOutcome
from bench.core.paths import Paths
from tests.bench.conformance.differential.conftest import sites_of, walked

HOUSE = SiteModel({}, [], {})
EXPECTED = NormalizedReply(200, {"content-type": "text/html"}, {"title": "Menu"}, "", 2)
STEP = Step("show the menu", Request("guest", "GET", "/"), EXPECTED, HOUSE)


def found(step: Step = STEP, **answers: NormalizedReply) -> list[Difference]:
    outcomes = {
        name: StepOutcome(answer, "<html>", HOUSE.build_rows(), Reply(200, [], b""))
        for name, answer in answers.items()
    }
    return list(find_differences(step, outcomes))


def test_where_all_is_well_there_is_no_difference() -> None:
    assert found(a=EXPECTED, b=replace(EXPECTED)) == []


def test_the_model_decides_against_a_majority() -> None:
    odd = replace(EXPECTED, queries=3)
    (only,) = found(a=odd, b=EXPECTED, c=odd)
    assert only.key == DifferenceKey("queries", "show the menu", ("a", "c"))
    assert only.details == "a: 3\nb: 2"


def test_where_all_sites_agree_the_model_is_the_odd_one() -> None:
    other = replace(EXPECTED, status=404)
    (only,) = found(a=other, b=other)
    assert only.sites == (MODEL,)


def test_a_header_is_the_same_difference_in_every_action() -> None:
    odd = replace(EXPECTED, headers={**EXPECTED.headers, "location": "/"})
    marks = {found(STEP._replace(action=name), a=EXPECTED, b=odd)[0].key for name in "xy"}
    assert marks == {DifferenceKey("header location", "", ("b",))}


@pytest.mark.parametrize("name", ["etag", "vary"])
def test_a_header_that_is_not_due_may_be_there(name: str) -> None:
    assert not found(a=EXPECTED, b=replace(EXPECTED, headers={**EXPECTED.headers, name: "x"}))


@pytest.mark.parametrize(("more", "count"), [(0, 0), (1, 0), (2, 1), (-1, 1)])
def test_a_statement_to_spare_is_one_and_no_more(more: int, count: int) -> None:
    step = STEP._replace(answer=replace(EXPECTED, spare=1))
    assert len(found(step, a=EXPECTED, b=replace(EXPECTED, queries=2 + more))) == count


def test_pages_the_model_knows_nothing_of_are_left_to_the_majority() -> None:
    pages = {"a": "<p>", "b": "<q>", "c": "<q>"}
    outcomes = {
        name: StepOutcome(EXPECTED, page, HOUSE.build_rows(), Reply(200, [], b""))
        for name, page in pages.items()
    }
    (only,) = find_differences(STEP, outcomes)
    assert (only.kind, only.sites) == ("page", ("a",))


def test_the_quick_reader_of_pages_reads_what_the_standards_own_does(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[tuple[str, str]] = []
    take = Sites.send_request

    def kept(sites: Sites, request: Request) -> dict[str, StepOutcome]:
        outcomes = take(sites, request)
        pages.extend(
            (canonicalize_reply(one.reply), one.reply.body.decode()) for one in outcomes.values()
        )
        return outcomes

    monkeypatch.setattr(Sites, "send_request", kept)
    with sites_of(Paths.from_environ(), tmp_path_factory.mktemp("bare"), ["bare"]) as sites:
        walked(sites, 8, 120)
    html = {dom: body for dom, body in pages if dom}
    assert len(html) > 15
    for dom, body in html.items():
        assert canonicalize(body) == dom
