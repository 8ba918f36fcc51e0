"""The database layer of the site: all data, SQL and rules. It contains no HTTP."""

from shared_db.larder import Larder, open_larder
from shared_db.scale import scale
from shared_db.seed import create, reset
from shared_db.settings import Settings

__all__ = ["Larder", "Settings", "create", "open_larder", "reset", "scale"]
