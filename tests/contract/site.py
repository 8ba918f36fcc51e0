"""The site under test: its address, its dishes and its guests."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from threading import Barrier
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest

from tests.contract.guest import PASSWORDS, Guest
from tests.contract.house import House
from tests.contract.menu import BEARER, ApiMenu, DatabaseMenu, Facts, Menu
from tests.contract.reply import Reply
from tests.contract.wire import Exchange

T = TypeVar("T")
MANY_PORTIONS, FEW_DISHES = 100, 8
KEPT_FIELDS = ("name", "description", "price_cents", "portions", "allergens")


class Site:
    """A site under test. `house` is None if another program runs the site."""

    def __init__(
        self, name: str, url: str, house: House | None = None, scheme: str = "http"
    ) -> None:
        """Store the address. Guests send an origin with the given URL scheme."""
        self.name = name
        self.url = url.rstrip("/")
        self.house = house
        self.exchange = Exchange(url, house.measure_cpu) if house else Exchange(url)
        self.lacking: frozenset[str] | None = None  # the features that the site lacks, once known
        self._turn = 0
        self._kept: set[int] = set()
        self._origin = urlsplit(self.url)._replace(scheme=scheme).geturl()
        self.program = Guest(self.exchange, self._origin, keeps_cookies=False)

    def guest(self) -> Guest:
        """Return a guest without a session."""
        return Guest(self.exchange, self._origin, shelf=f"/dishes/{self.plain_ids[0]}")

    @cached_property
    def cook(self) -> Guest:
        """A signed-in member of staff, whom all clauses share."""
        guest = self.guest()
        self.sign_in(guest, "ada")
        return guest

    def sign_in(self, guest: Guest, username: str) -> None:
        """Sign a guest in as staff, without the site's form if the database is known."""
        database = self.house.database if self.house else None
        if database:
            form = {"username": username, "password": PASSWORDS[username]}
            staff = database.staff.sign_in(form)
            guest.token = database.sessions.save(None, {"staff_id": staff.id})
        else:
            reply = guest.sign_in(username)
            assert reply.status == 303, f"{username} cannot sign in: {reply.status}"

    @cached_property
    def menu(self) -> Menu:
        """The dishes, from the database if it is known."""
        database = self.house.database if self.house else None
        return DatabaseMenu(database) if database else ApiMenu(self.program)

    def dishes(self, query: str = "") -> list[Facts]:
        """Return all dishes that match a search."""
        return self.menu.search(query)

    @cached_property
    def plain_ids(self) -> list[int]:
        """The ids of the dishes with many portions, which clauses may use."""
        dishes = sorted(self.dishes(), key=lambda dish: -dish["portions"])
        for dish in dishes[:FEW_DISHES]:  # earlier runs may have ordered most portions
            if dish["portions"] < MANY_PORTIONS:
                self.menu.change(dish["id"], {"portions": 3 * MANY_PORTIONS})
                dish["portions"] = 3 * MANY_PORTIONS
        return sorted(dish["id"] for dish in dishes if dish["portions"] >= MANY_PORTIONS)

    def own_dish(self) -> "OwnDish":
        """Return the next dish of the menu, which one clause may change."""
        free = [dish_id for dish_id in self.plain_ids if dish_id not in self._kept]
        self._turn = (self._turn + 1) % len(free)
        return self.dish(free[self._turn])

    def dish(self, dish_id: int) -> "OwnDish":
        """Return the dish with an id."""
        return OwnDish(self.program, self.menu, dish_id)

    def kept_dish(self) -> "OwnDish":
        """Return a dish that no other clause gets, so that its changes stay for the whole run."""
        dish = self.own_dish()
        self._kept.add(dish.id)
        return dish

    def restart_if_late(self) -> None:
        """Restart a host that has not answered in time: it would delay all further clauses."""
        if self.exchange.is_late and self.house:
            self.exchange.close()
            self.house.restart()
            self.exchange.is_late = False

    def close(self) -> None:
        """Close the connections. No guest may send another request."""
        self.exchange.close()

    def ask(self, target: str | bytes, method: str = "GET", **headers: str) -> Reply:
        """Send a request on a new connection. The content is all bytes after the headers."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.exchange.ask_once(method, target, named)


SITES: pytest.StashKey[dict[str, Site]] = pytest.StashKey()  # the sites that started, by name


class OwnDish:
    """A dish that one clause may change. Its fields are restored afterwards."""

    def __init__(self, program: Guest, menu: Menu, dish_id: int) -> None:
        """Read the current state of the dish."""
        self._program = program
        self._menu = menu
        self.id = dish_id
        self.page = f"/dishes/{dish_id}"
        self.address = f"/api/dishes/{dish_id}"
        self.touched = False
        self.taken = self.now()

    def __getattr__(self, name: str) -> Any:
        """Return a field of the dish as it was at the start of the clause."""
        return self.taken[name]

    def now(self) -> Facts:
        """Return the current state of the dish."""
        return self._menu.get(self.id)

    def patch(self, document: object, headers: Mapping[str, str] | None = None) -> Reply:
        """Change the dish by the API. `headers` replace the defaults; "" removes a header."""
        self.touched = True
        together = {**BEARER, "If-Match": "*", **(headers or {})}
        present = {name: text for name, text in together.items() if text}
        return self._program.send("PATCH", self.address, document, present)

    def change(self, **fields: object) -> Facts:
        """Change fields of the dish, and return it."""
        self.touched = True
        return self._menu.change(self.id, fields)

    def put_back(self) -> None:
        """Restore the fields that the dish had at the start of the clause."""
        if self.touched:
            self.change(**{name: self.taken[name] for name in KEPT_FIELDS})


def at_once(count: int, act: Callable[[int], T]) -> list[T]:
    """Call a function in `count` threads at the same time, and return the results."""
    start = Barrier(count)

    def wait_and_act(number: int) -> T:
        start.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(wait_and_act, range(count)))
