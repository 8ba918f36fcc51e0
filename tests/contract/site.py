"""Which site is asked? An address, its menu, and the guests who come in."""

import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from threading import Barrier
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tests.contract.guest import Guest
from tests.contract.house import House
from tests.contract.reply import Reply
from tests.contract.wire import Exchange

T = TypeVar("T")
API_TOKEN = "kitchen-token-for-trying-out"
BEARER = {"Authorization": f"Bearer {API_TOKEN}"}
MANY_PORTIONS, FEW_DISHES = 100, 8
KEPT_FIELDS = ("name", "description", "price_cents", "portions", "allergens")


class Site:
    """A site to ask. `house` is None when it runs elsewhere and only its address is known."""

    def __init__(
        self, name: str, url: str, house: House | None = None, scheme: str = "http"
    ) -> None:
        """Look at the site under an address; guests believe it to be one of this scheme."""
        self.name = name
        self.url = url.rstrip("/")
        self.house = house
        self.exchange = Exchange(url)
        self._turn = 0
        self._kept: set[int] = set()
        self._origin = urlsplit(self.url)._replace(scheme=scheme).geturl()
        self.program = Guest(self.exchange, self._origin, keeps_cookies=False)

    def guest(self) -> Guest:
        """Return a guest who was never here before."""
        return Guest(self.exchange, self._origin, shelf=f"/dishes/{self.plain_ids[0]}")

    @cached_property
    def cook(self) -> Guest:
        """A member of staff, signed in, shared by the clauses that need one."""
        guest = self.guest()
        reply = guest.sign_in()
        assert reply.status == 303, f"ada cannot sign in: {reply.status}"
        return guest

    def dishes(self, query: str = "") -> list[dict[str, Any]]:
        """Return every dish that a search finds, as the API lists them, page by page."""
        found: list[dict[str, Any]] = []
        address = f"/api/dishes?{query}"
        while address:
            reply = self.program.get(address)
            assert reply.status == 200, f"{address} is {reply.status}"
            found += reply.json()["dishes"]
            address = next(iter(re.findall('<([^>]*)>; rel="next"', reply.headers.get("Link"))), "")
        return found

    @cached_property
    def plain_ids(self) -> list[int]:
        """Ids of dishes with many portions: those that clauses take for their own."""
        dishes = sorted(self.dishes(), key=lambda dish: -dish["portions"])
        for dish in dishes[:FEW_DISHES]:  # eaten up by runs before this one
            if dish["portions"] < MANY_PORTIONS:
                OwnDish(self.program, dish["id"]).change(portions=3 * MANY_PORTIONS)
                dish["portions"] = 3 * MANY_PORTIONS
        return sorted(dish["id"] for dish in dishes if dish["portions"] >= MANY_PORTIONS)

    def own_dish(self) -> "OwnDish":
        """Return the next dish of the menu, for one clause to do with as it likes."""
        free = [dish_id for dish_id in self.plain_ids if dish_id not in self._kept]
        self._turn = (self._turn + 1) % len(free)
        return OwnDish(self.program, free[self._turn])

    def kept_dish(self) -> "OwnDish":
        """Return a dish that no other clause gets: what is done to it holds for the whole run."""
        dish = self.own_dish()
        self._kept.add(dish.id)
        return dish

    def close(self) -> None:
        """Hang up: no guest may ask any more."""
        self.exchange.close()

    def ask(self, target: str | bytes, method: str = "GET", **headers: str) -> Reply:
        """Ask on a connection of its own; the reply's content is all that followed its headers."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.exchange.ask_once(method, target, named)


class OwnDish:
    """A dish that one clause may change; it is put back afterwards."""

    def __init__(self, program: Guest, dish_id: int) -> None:
        """Look at the dish as it is."""
        self._program = program
        self.id = dish_id
        self.page = f"/dishes/{dish_id}"
        self.address = f"/api/dishes/{dish_id}"
        self.touched = False
        self.taken = self.now()

    def __getattr__(self, name: str) -> Any:
        """Return what the dish was when the clause took it."""
        return self.taken[name]

    def now(self) -> dict[str, Any]:
        """Return the dish as it is."""
        reply = self._program.get(self.address)
        assert reply.status == 200, f"{self.address} is {reply.status}"
        dish: dict[str, Any] = reply.json()
        return dish

    def patch(self, document: object, headers: Mapping[str, str] | None = None) -> Reply:
        """Change the dish by program; `headers` replace the usual ones, "" leaves one out."""
        self.touched = True
        together = {**BEARER, "If-Match": "*", **(headers or {})}
        kept = {name: text for name, text in together.items() if text}
        return self._program.send("PATCH", self.address, document, kept)

    def change(self, **fields: object) -> dict[str, Any]:
        """Change fields of the dish, and return it."""
        reply = self.patch(fields)
        assert reply.status == 200, f"the dish was not changed: {reply.text}"
        return dict(reply.json())

    def put_back(self) -> None:
        """Make the dish what it was when the clause took it."""
        if self.touched:
            self.change(**{name: self.taken[name] for name in KEPT_FIELDS})


def at_once(count: int, act: Callable[[int], T]) -> list[T]:
    """Do something `count` times at the same moment, and return what came of each."""
    start = Barrier(count)

    def wait_and_act(number: int) -> T:
        start.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(wait_and_act, range(count)))
