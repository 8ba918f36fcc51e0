"""The larder: everything the site keeps, one noun each, over one connection a thread."""

from pathlib import Path

from shared_db.backends import database_at
from shared_db.carts import Carts
from shared_db.connections import SCHEMA_VERSION, Connections
from shared_db.dishes import Dishes
from shared_db.errors import LarderDown, NotStocked, SchemaMismatch
from shared_db.orders import Orders
from shared_db.photos import Photos
from shared_db.reviews import Reviews
from shared_db.schema import VERSION
from shared_db.sessions import Sessions
from shared_db.staff import StaffRoom
from shared_db.worlds import Fortunes, Worlds


class Larder(Connections):
    """The larder; larder.dishes, larder.orders and so on hold what can be asked of it."""

    def __init__(self, database_url: str, photos_dir: Path) -> None:
        """Keep where the database and the photos are; nothing connects yet."""
        super().__init__(database_at(database_url))
        self.dishes = Dishes(self)
        self.reviews = Reviews(self, self.dishes)
        self.sessions = Sessions(self)
        self.carts = Carts(self, self.dishes, self.sessions)
        self.orders = Orders(self, self.carts)
        self.staff = StaffRoom(self)
        self.photos = Photos(self, self.dishes, photos_dir)
        self.worlds = Worlds(self)
        self.fortunes = Fortunes(self)

    @property
    def database(self) -> str:
        """Return the database's name and version: "SQLite 3.40.1"; raises LarderDown."""
        return self._database.label(self._connected().connection)

    def check(self) -> None:
        """Ask the database for its schema's version; raises LarderDown or SchemaMismatch."""
        if not self._database.exists():
            self.forget()
            raise NotStocked
        try:
            found = self.row(SCHEMA_VERSION)
        except self._database.error as error:
            raise LarderDown from error
        if found != (VERSION,):
            raise SchemaMismatch


def open_larder(database_url: str, photos_dir: Path) -> Larder:
    """Return the larder of a database, without connecting to it yet.

    database_url is sqlite:////absolute/path or postgresql://...; ValueError for another kind.
    """
    return Larder(database_url, Path(photos_dir))
