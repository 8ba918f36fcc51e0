"""The larder's own commands: make it, make it bigger, make it anew.

Run: DATABASE_URL=sqlite:////tmp/larder.db python -m shared_db create
     DATABASE_URL=... python -m shared_db scale --dishes 100000 --orders 200000
     DATABASE_URL=... python -m shared_db reset
"""

import argparse
import os
import sys

from shared_db import create, reset, scale
from shared_db.errors import LarderDown, LarderError


def main(arguments: list[str] | None = None) -> int:
    """Do what a command line asks for; return 0, or 1 after one line that says what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m shared_db", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("create", help="make and stock the larder, unless it is there")
    commands.add_parser("reset", help="empty the larder and stock it anew")
    bigger = commands.add_parser("scale", help="add dishes and orders until there are so many")
    bigger.add_argument("--dishes", type=int, default=0, metavar="N")
    bigger.add_argument("--orders", type=int, default=0, metavar="N")
    asked = vars(parser.parse_args(arguments))
    url = os.environ.get("DATABASE_URL")
    if not url:
        parser.error("DATABASE_URL is not set: sqlite:////absolute/path or postgresql://...")
    command = {"create": create, "reset": reset, "scale": scale}[asked.pop("command")]
    try:
        command(url, **asked)
    except (LarderError, ValueError) as error:
        cause = f" {error.__cause__}".splitlines()[0] if isinstance(error, LarderDown) else ""
        print(f"{error}{cause}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
