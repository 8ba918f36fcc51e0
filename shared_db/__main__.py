"""Create the database, enlarge it, or reset it.

Run: DATABASE_URL=sqlite:////tmp/larder.db python -m shared_db create
     DATABASE_URL=... python -m shared_db scale --dishes 100000 --orders 200000
     DATABASE_URL=... python -m shared_db reset
"""

import argparse
import os
import sys

from shared_db import create, reset, scale
from shared_db.errors import DatabaseUnavailableError, LarderError


def main(arguments: list[str] | None = None) -> int:
    """Run one command line. Return 0, or 1 after one line on stderr that names the error."""
    parser = argparse.ArgumentParser(prog="python -m shared_db", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("create", help="create the tables and the seed rows, unless they exist")
    commands.add_parser("reset", help="delete all rows and insert the seed rows")
    scaling = commands.add_parser("scale", help="add dishes and orders up to the given numbers")
    scaling.add_argument("--dishes", type=int, default=0, metavar="N")
    scaling.add_argument("--orders", type=int, default=0, metavar="N")
    options = vars(parser.parse_args(arguments))
    url = os.environ.get("DATABASE_URL")
    if not url:
        parser.error("DATABASE_URL is not set: sqlite:////absolute/path or postgresql://...")
    command = {"create": create, "reset": reset, "scale": scale}[options.pop("command")]
    try:
        command(url, **options)
    except (LarderError, ValueError) as error:
        unavailable = isinstance(error, DatabaseUnavailableError)
        cause = f" {error.__cause__}".splitlines()[0] if unavailable else ""
        print(f"{error}{cause}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
