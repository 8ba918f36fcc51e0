"""The dishes of the site under test: from its database, or else by its API."""

import re
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl

from shared_db import Larder as Database
from tests.contract.guest import Guest

API_TOKEN = "kitchen-token-for-trying-out"
BEARER = {"Authorization": f"Bearer {API_TOKEN}"}
Facts = dict[str, Any]  # a dish as the API describes it


class Menu(Protocol):
    """A source of dishes, which a clause may change."""

    def search(self, query: str) -> list[Facts]:
        """Return all dishes that match the query of a search."""

    def get(self, dish_id: int) -> Facts:
        """Return one dish."""

    def change(self, dish_id: int, fields: Mapping[str, object]) -> Facts:
        """Change fields of a dish, and return the dish."""


class DatabaseMenu:
    """The dishes in the database, so that a clause needs no other feature of the site."""

    def __init__(self, database: Database) -> None:
        """Store the database."""
        self._database = database

    def search(self, query: str) -> list[Facts]:
        found = self._database.dishes.search(dict(parse_qsl(query)), page_size=10_000)
        return [dish.as_dict() for dish in found.dishes]

    def get(self, dish_id: int) -> Facts:
        return self._database.dishes.get(dish_id).as_dict()

    def change(self, dish_id: int, fields: Mapping[str, object]) -> Facts:
        return self._database.dishes.change(dish_id, dict(fields), None).as_dict()


class ApiMenu:
    """The dishes by the site's API, for a site whose database is unknown."""

    def __init__(self, program: Guest) -> None:
        """Store the client of the API."""
        self._program = program

    def search(self, query: str) -> list[Facts]:
        dishes: list[Facts] = []
        address = f"/api/dishes?{query}"
        while address:
            reply = self._program.get(address)
            assert reply.status == 200, f"{address} is {reply.status}"
            dishes += reply.json()["dishes"]
            address = next(
                iter(re.findall('<([^>]*)>; rel="?next"?', reply.headers.get("Link"))), ""
            )
        return dishes

    def get(self, dish_id: int) -> Facts:
        reply = self._program.get(f"/api/dishes/{dish_id}")
        assert reply.status == 200, f"/api/dishes/{dish_id} is {reply.status}"
        dish: Facts = reply.json()
        return dish

    def change(self, dish_id: int, fields: Mapping[str, object]) -> Facts:
        headers = {**BEARER, "If-Match": "*"}
        reply = self._program.send("PATCH", f"/api/dishes/{dish_id}", fields, headers)
        assert reply.status == 200, f"the dish was not changed: {reply.text}"
        return dict(reply.json())
