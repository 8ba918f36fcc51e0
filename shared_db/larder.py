"""The public interface of the database layer: `open_larder` and the class `Larder`."""

from pathlib import Path

from shared_db.backends import database_from_url
from shared_db.carts import Carts
from shared_db.connections import SCHEMA_VERSION, Connections
from shared_db.dishes import Dishes
from shared_db.errors import DatabaseUnavailableError, SchemaMismatchError
from shared_db.orders import Orders
from shared_db.photos import Photos
from shared_db.reviews import Reviews
from shared_db.schema import VERSION
from shared_db.sessions import Sessions
from shared_db.staff import StaffAccounts
from shared_db.worlds import Fortunes, Worlds


class Larder(Connections):
    """The database of the site; each attribute, such as `dishes` or `orders`, is one subject."""

    def __init__(self, database_url: str, photos_dir: Path) -> None:
        """Store the database and the folder of the photos, without connecting."""
        super().__init__(database_from_url(database_url))
        self.dishes = Dishes(self)
        self.reviews = Reviews(self, self.dishes)
        self.sessions = Sessions(self)
        self.carts = Carts(self, self.dishes, self.sessions)
        self.orders = Orders(self, self.carts)
        self.staff = StaffAccounts(self)
        self.photos = Photos(self, self.dishes, photos_dir)
        self.worlds = Worlds(self)
        self.fortunes = Fortunes(self)

    @property
    def database(self) -> str:
        """The database's name and version: "SQLite 3.40.1".

        Connects if necessary; raises the errors of `connect`.
        """
        return self._database.describe(self._connected_state().connection)

    def check(self) -> None:
        """Read the version of the schema.

        Raise DatabaseMissingError, SchemaMismatchError or DatabaseUnavailableError.
        """
        if not self._database.exists():
            self.disconnect()  # the connection would still use the deleted file
        try:
            row = self.fetch_first(SCHEMA_VERSION)
        except self._database.error as error:
            raise DatabaseUnavailableError from error
        if row != (VERSION,):
            raise SchemaMismatchError


def open_larder(database_url: str, photos_dir: Path) -> Larder:
    """Return the Larder of a database, without connecting to the database.

    database_url is sqlite:////absolute/path or postgresql://...; photos_dir is the folder of the
    uploaded photos. Raise ValueError for another kind of URL.
    """
    return Larder(database_url, Path(photos_dir))
