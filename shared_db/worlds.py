"""Worlds and fortunes: TechEmpower's two tables, asked by its rules."""

import random
from typing import NamedTuple

from sqlalchemy import bindparam, select, update

from shared_db.connections import Connections
from shared_db.schema import fortunes, worlds


class World(NamedTuple):
    """A row of the table worlds."""

    id: int
    random_number: int

    def as_dict(self) -> dict[str, int]:
        """Return the row as TechEmpower's JSON shows it."""
        return {"id": self.id, "randomNumber": self.random_number}


class Fortune(NamedTuple):
    """A row of the table fortunes."""

    id: int
    message: str


HIGHEST = 10_000  # of ids and of random numbers alike

_GET = select(worlds.c.id, worlds.c.random_number).where(worlds.c.id == bindparam("world_id"))
_SET = (
    update(worlds)
    .where(worlds.c.id == bindparam("world_id"))
    .values(random_number=bindparam("new_random_number"))
)
_ALL = select(fortunes.c.id, fortunes.c.message)
_ADDITIONAL = Fortune(0, "Additional fortune added at request time.")


class Worlds:
    """What can be asked of the worlds."""

    def __init__(self, larder: Connections) -> None:
        """Keep the larder's connections."""
        self._larder = larder

    def random(self) -> World:
        """Return a world chosen at random."""
        return self._get(random.randint(1, HIGHEST))

    def some(self, n: int) -> list[World]:
        """Return n different worlds (1 to 10,000) chosen at random, each by a query of its own."""
        return [self._get(world_id) for world_id in random.sample(range(1, HIGHEST + 1), n)]

    def update(self, n: int) -> list[World]:
        """Give n worlds chosen at random another random number each, and return them.

        Each is read by a query of its own; then all are written in one transaction, by id.
        """
        chosen = [World(old.id, _another(old.random_number)) for old in sorted(self.some(n))]
        with self._larder.writing():
            self._larder.run_many(
                _SET, [{"world_id": id_, "new_random_number": number} for id_, number in chosen]
            )
        return chosen

    def _get(self, world_id: int) -> World:
        return World._make(self._larder.rows(_GET, world_id=world_id)[0])


def _another(number: int) -> int:
    return (number - 1 + random.randrange(1, HIGHEST)) % HIGHEST + 1


class Fortunes:
    """What can be asked of the fortunes."""

    def __init__(self, larder: Connections) -> None:
        """Keep the larder's connections."""
        self._larder = larder

    def all(self) -> list[Fortune]:
        """Return every fortune and one that is not in the database, sorted by message."""
        found = [*map(Fortune._make, self._larder.rows(_ALL)), _ADDITIONAL]
        return sorted(found, key=lambda fortune: fortune.message)
