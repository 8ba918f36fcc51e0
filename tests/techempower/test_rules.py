"""The published rules of TechEmpower: headers, JSON shapes, numbers of queries, escaping.

Source: the wiki of TechEmpower, "Project Information, Framework Tests, Overview": the general
requirements and those of each test type.
"""

import json
import re
from html import unescape
from typing import Any

import pytest

from tests.contract.reply import Reply
from tests.contract.wire import Exchange

TYPES = {
    "/plaintext": r"text/plain\b",
    "/json": r"application/json\b",
    "/db": r"application/json\b",
    "/queries?queries=2": r"application/json\b",
    "/updates?queries=2": r"application/json\b",
    "/fortunes": r"text/html; ?charset=utf-8$",
}
EXPECTED_COUNTS = {
    "": 1, "?queries=": 1, "?queries=foo": 1, "?queries=0": 1, "?queries=-5": 1, "?queries=1": 1,
    "?queries=20": 20, "?queries=500": 500, "?queries=501": 500, "?queries=99999": 500,
}  # fmt: skip


def get(exchange: Exchange, target: str) -> Reply:
    reply = exchange.ask("GET", target, {"accept": "*/*"}, b"")
    assert reply.status == 200, f"{target} is {reply.status}: {reply.text[:200]}"
    return reply


def decode_json(reply: Reply) -> Any:
    return json.loads(reply.content)


def is_world(world: object) -> bool:
    return (
        isinstance(world, dict)
        and set(world) == {"id", "randomNumber"}
        and all(type(value) is int and 1 <= value <= 10_000 for value in world.values())
    )


@pytest.mark.parametrize("target", TYPES)
def test_a_reply_has_server_date_type_and_length(exchange: Exchange, target: str) -> None:
    headers = get(exchange, target).headers
    assert "Server" in headers
    assert "Date" in headers
    assert "Content-Length" in headers or headers.get("Transfer-Encoding") == "chunked"
    assert re.match(TYPES[target], headers["Content-Type"], re.IGNORECASE), headers["Content-Type"]


def test_plaintext_is_hello_world(exchange: Exchange) -> None:
    assert get(exchange, "/plaintext").content == b"Hello, World!"


def test_json_is_one_message(exchange: Exchange) -> None:
    assert decode_json(get(exchange, "/json")) == {"message": "Hello, World!"}


def test_plaintext_and_json_run_no_query(exchange: Exchange) -> None:
    for target in ("/plaintext", "/json"):
        assert get(exchange, target).headers["X-Selects"] == "0"


def test_one_world_runs_one_query(exchange: Exchange) -> None:
    reply = get(exchange, "/db")
    assert is_world(decode_json(reply))
    assert reply.headers["X-Selects"] == "1"


def test_worlds_are_chosen_at_random(exchange: Exchange) -> None:
    assert len({decode_json(get(exchange, "/db"))["id"] for _ in range(10)}) > 5


@pytest.mark.parametrize(("query", "count"), EXPECTED_COUNTS.items())
def test_every_world_has_its_own_query(exchange: Exchange, query: str, count: int) -> None:
    reply = get(exchange, f"/queries{query}")
    worlds = decode_json(reply)
    assert isinstance(worlds, list)
    assert len(worlds) == count
    assert all(map(is_world, worlds))
    assert reply.headers["X-Selects"] == str(count)


@pytest.mark.parametrize(("query", "count"), EXPECTED_COUNTS.items())
def test_every_updated_world_is_read_and_written(
    exchange: Exchange, query: str, count: int
) -> None:
    reply = get(exchange, f"/updates{query}")
    worlds = decode_json(reply)
    assert isinstance(worlds, list)
    assert len(worlds) == count
    assert all(map(is_world, worlds))
    assert reply.headers["X-Selects"] == str(count)
    assert int(reply.headers["X-Updates"]) >= 1


def test_an_updated_world_is_stored(exchange: Exchange) -> None:
    worlds = decode_json(get(exchange, "/updates?queries=500"))
    updated = {world["id"]: world["randomNumber"] for world in worlds}
    read = decode_json(get(exchange, "/queries?queries=500"))
    common = [world for world in read if world["id"] in updated]
    assert common, "no world is in both replies"
    assert all(updated[world["id"]] == world["randomNumber"] for world in common)


def test_the_fortunes_are_a_table_sorted_by_message(exchange: Exchange) -> None:
    reply = get(exchange, "/fortunes")
    text = reply.content.decode()
    assert text.lower().startswith("<!doctype html>")
    assert re.search(r"<title>\s*Fortunes\s*</title>", text)
    assert re.search(r"<tr>\s*<th>id</th>\s*<th>message</th>\s*</tr>", text)
    rows = re.findall(r"<td>(\d+)</td>\s*<td>(.*?)</td>", text)
    assert len(rows) == 13
    messages = [unescape(message) for _, message in rows]
    assert messages == sorted(messages)
    assert ("0", "Additional fortune added at request time.") in rows
    assert reply.headers["X-Selects"] == "1"


def test_a_fortune_with_a_script_in_it_is_escaped(exchange: Exchange) -> None:
    text = get(exchange, "/fortunes").content.decode()
    assert "<script>" not in text
    assert "&lt;script&gt;alert(" in text
    assert "フレームワークのベンチマーク" in text
