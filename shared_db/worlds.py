"""TechEmpower's two tables, worlds and fortunes, read by the rules of TechEmpower."""

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
        """Return the row as TechEmpower's JSON object."""
        return {"id": self.id, "randomNumber": self.random_number}


class Fortune(NamedTuple):
    """A row of the table fortunes."""

    id: int
    message: str


HIGHEST_NUMBER = 10_000  # of the ids and of the random numbers

_GET = select(worlds.c.id, worlds.c.random_number).where(worlds.c.id == bindparam("world_id"))
_SET = (
    update(worlds)
    .where(worlds.c.id == bindparam("world_id"))
    .values(random_number=bindparam("new_random_number"))
)
_ALL = select(fortunes.c.id, fortunes.c.message)
_ADDITIONAL = Fortune(0, "Additional fortune added at request time.")


class Worlds:
    """Read and update the worlds."""

    def __init__(self, connections: Connections) -> None:
        """Store the connections."""
        self._connections = connections

    def random(self) -> World:
        """Return a random world."""
        return self._get(random.randint(1, HIGHEST_NUMBER))

    def some(self, n: int) -> list[World]:
        """Return n different random worlds (n from 1 to 10,000), each read by its own query."""
        return [self._get(world_id) for world_id in random.sample(range(1, HIGHEST_NUMBER + 1), n)]

    def update(self, n: int) -> list[World]:
        """Give n random worlds another random number each, and return these worlds.

        Each world is read by its own query. Then all are written in one transaction, sorted by id.
        """
        updated = [
            World(old.id, _choose_other_number(old.random_number)) for old in sorted(self.some(n))
        ]
        with self._connections.transaction():
            self._connections.execute_many(
                _SET, [{"world_id": id_, "new_random_number": number} for id_, number in updated]
            )
        return updated

    def _get(self, world_id: int) -> World:
        return World._make(self._connections.fetch_all(_GET, world_id=world_id)[0])


def _choose_other_number(number: int) -> int:
    return (number - 1 + random.randrange(1, HIGHEST_NUMBER)) % HIGHEST_NUMBER + 1


class Fortunes:
    """Read the fortunes."""

    def __init__(self, connections: Connections) -> None:
        """Store the connections."""
        self._connections = connections

    def all(self) -> list[Fortune]:
        """Return all fortunes and one that is not in the database, sorted by message."""
        rows = [*map(Fortune._make, self._connections.fetch_all(_ALL)), _ADDITIONAL]
        return sorted(rows, key=lambda fortune: fortune.message)
