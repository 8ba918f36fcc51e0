"""The model decides which sites differ, and the majority decides where the model has no value."""

from dataclasses import replace

import pytest

from bench.conformance.canonical_dom import canonicalize
from bench.conformance.differential.actions.registry import REGISTERED_ACTIONS
from bench.conformance.differential.differences import (
    MODEL,
    Difference,
    DifferenceKey,
    find_differences,
)
from bench.conformance.differential.expected import NormalizedReply, Step
from bench.conformance.differential.http_client import Reply, Request
from bench.conformance.differential.model import SiteModel
from bench.conformance.differential.observed import canonicalize_reply, is_message_cookie
from bench.conformance.differential.sequences import ACTIONS
from bench.conformance.differential.sites import Sites, StepOutcome
from bench.core.paths import Paths
from tests.bench.conformance.differential.conftest import open_named_sites, run_steps

SITE = SiteModel({}, [], {})
EXPECTED = NormalizedReply(200, {"content-type": "text/html"}, {"title": "Menu"}, "", 2)
STEP = Step("show the menu", Request("guest", "GET", "/"), EXPECTED, SITE)


def compare(step: Step = STEP, **replies: NormalizedReply) -> list[Difference]:
    outcomes = {
        name: StepOutcome(reply, "<html>", SITE.build_rows(), Reply(200, [], b""))
        for name, reply in replies.items()
    }
    return list(find_differences(step, outcomes))


def test_equal_replies_have_no_difference() -> None:
    assert compare(a=EXPECTED, b=replace(EXPECTED)) == []


def test_the_model_decides_against_a_majority() -> None:
    odd = replace(EXPECTED, query_count=3)
    (difference,) = compare(a=odd, b=EXPECTED, c=odd)
    assert difference.key == DifferenceKey("queries", "show the menu", ("a", "c"))
    assert difference.details == "a: 3\nb: 2"


def test_the_model_differs_if_all_sites_agree() -> None:
    other = replace(EXPECTED, status=404)
    (difference,) = compare(a=other, b=other)
    assert difference.sites == (MODEL,)


def test_a_difference_in_a_header_is_the_same_in_every_action() -> None:
    odd = replace(EXPECTED, headers={**EXPECTED.headers, "location": "/"})
    keys = {compare(STEP._replace(action=name), a=EXPECTED, b=odd)[0].key for name in "xy"}
    assert keys == {DifferenceKey("header location", "", ("b",))}


@pytest.mark.parametrize("name", ["etag", "vary"])
def test_an_optional_header_is_no_difference(name: str) -> None:
    assert not compare(a=EXPECTED, b=replace(EXPECTED, headers={**EXPECTED.headers, name: "x"}))


@pytest.mark.parametrize(("more", "count"), [(0, 0), (1, 0), (2, 1), (-1, 1)])
def test_a_tolerance_of_one_statement_allows_one_more(more: int, count: int) -> None:
    step = STEP._replace(expected=replace(EXPECTED, query_tolerance=1))
    reply = replace(EXPECTED, query_count=2 + more)
    assert len(compare(step, a=EXPECTED, b=reply)) == count


def test_the_majority_decides_about_pages() -> None:
    pages = {"a": "<p>", "b": "<q>", "c": "<q>"}
    outcomes = {
        name: StepOutcome(EXPECTED, page, SITE.build_rows(), Reply(200, [], b""))
        for name, page in pages.items()
    }
    (difference,) = find_differences(STEP, outcomes)
    assert (difference.kind, difference.sites) == ("page", ("a",))


def test_pages_without_tokens_have_the_canonical_dom_of_whole_pages(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: dict[str, str] = {}
    send_request = Sites.send_request

    def record(sites: Sites, request: Request) -> dict[str, StepOutcome]:
        outcomes = send_request(sites, request)
        for outcome in outcomes.values():
            if dom := canonicalize_reply(outcome.reply):
                pages[dom] = outcome.reply.body.decode()
        return outcomes

    monkeypatch.setattr(Sites, "send_request", record)
    folder = tmp_path_factory.mktemp("bare")
    with open_named_sites(Paths.from_environ(), folder, ["bare"]) as sites:
        run_steps(sites, 8, 120)
    assert len(pages) > 15
    for dom, body in pages.items():
        assert canonicalize(body) == dom


def test_the_order_of_actions_which_decides_about_the_sequences_is_fixed() -> None:
    names = [action.name for action in ACTIONS]
    assert list(dict.fromkeys(names)) == [
        *("show_menu", "search_dishes", "show_dish", "show_sign_in", "sign_in", "sign_out"),
        *("show_kitchen", "put_in_cart", "show_cart", "place_order", "show_order", "list_dishes"),
        *("read_dish", "place_order_by_api", "send_invalid_json", "change_dish", "write_review"),
        *("move_order", "change_photo", "export_orders", "forge_form", "request_missing_page"),
        *("get_form_address", "send_wrong_method", "fetch_file", "read_information"),
    ]
    assert len(names) == len(REGISTERED_ACTIONS)


def test_a_manifest_names_the_cookies_that_hold_messages(monkeypatch, places):
    assert not is_message_cookie("larder_session")
    assert is_message_cookie("webflash-4711")
    monkeypatch.setenv("COOKOFF_APPS", str(places.apps))
    assert not is_message_cookie("webflash-4711")
