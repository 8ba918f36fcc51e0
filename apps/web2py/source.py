"""Find or download web2py's source tree, because web2py is not on the package index.

Print its folder. Exit with 3 if the source is not available, and with 1 if the source is wrong.
Run: .venvs/web2py/bin/python apps/web2py/source.py     (--look downloads nothing)
"""

import os
import sys
import tomllib
import zipfile
from contextlib import suppress
from hashlib import file_digest, sha256
from http.client import HTTPException
from pathlib import Path
from queue import Empty, SimpleQueue
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from threading import Thread
from urllib.request import urlopen

FACTS = tomllib.loads((Path(__file__).parent / "framework.toml").read_text("utf-8"))["source"]
LIMIT_SECONDS = 10  # for the first byte of the archive, and for each further piece


class Wrong(Exception):
    """The given source is not the expected web2py; the message names the difference."""

    exit_code = 1


class OutOfReach(Exception):
    """web2py is neither here nor downloadable; the message names the cause and the remedy."""

    exit_code = 3

    def __init__(self, reason):
        super().__init__(f"{reason}; set {FACTS['env']} to web2py's source, a folder or a zip")


def find(look=False):
    """Return the folder of web2py's source tree; download or unpack it if necessary.

    Raise Wrong or OutOfReach; with `look`, OutOfReach also if a download would be necessary.
    """
    given = os.environ.get(FACTS["env"])
    if not given:
        return kept(FACTS["sha256"], refuse if look else fetch)
    if not Path(given).is_file():
        return checked(Path(given))
    with Path(given).open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    return kept(digest, lambda folder: unpack(given, folder))


def checked(folder, title=None):
    """Return the folder if it contains exactly the web2py that framework.toml pins."""
    if not (folder / FACTS["marker"]).is_file():
        raise Wrong(f"{title or folder} is not web2py's source: it lacks {FACTS['marker']}")
    if digest_of(folder / top()) != FACTS["sha256"]:
        raise Wrong(f"{title or folder} is another web2py: its files fail framework.toml's sha256")
    return folder.absolute()


def kept(name, fill):
    """Return this user's copy with a name; `fill` creates it if it does not exist."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cookoff"
    copy = cache / f"web2py-{name[:16]}"
    if not copy.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=cache) as scratch:
            tree = Path(scratch, "tree")
            fill(tree)
            with suppress(OSError):  # another process was faster, and its copy is equal
                tree.rename(copy)
    return checked(copy)


def refuse(_folder):
    """Download nothing: raise OutOfReach."""
    raise OutOfReach("it is on no index, and its archive is not fetched yet: cookoff setup does it")


def fetch(folder):
    """Download the upstream archive and unpack it."""
    archive = folder.with_suffix(".zip")
    try:
        with opened(FACTS["archive"]) as reply, archive.open("wb") as file:
            copyfileobj(reply, file)
    except (OSError, HTTPException) as error:
        raise OutOfReach(f"{FACTS['archive']} cannot be fetched ({error})") from error
    unpack(archive, folder, FACTS["archive"])


def opened(url):
    """Return the reply to a request; a thread limits the time, also of the name look-up."""
    replies = SimpleQueue()

    def ask():
        try:
            replies.put(urlopen(url, timeout=LIMIT_SECONDS))
        except Exception as error:
            replies.put(error)

    Thread(target=ask, daemon=True).start()
    try:
        reply = replies.get(timeout=LIMIT_SECONDS)
    except Empty:
        raise TimeoutError(f"no answer within {LIMIT_SECONDS} s") from None
    if isinstance(reply, Exception):
        raise reply
    return reply


def unpack(archive, folder, title=None):
    """Unpack web2py's code without the applications in its archive."""
    try:
        with zipfile.ZipFile(archive) as file:
            for name in file.namelist():
                # GitHub's archives contain one folder with all files.
                parts = Path(name).parts[0 if name.startswith(f"{top()}/") else 1 :]
                if parts[:1] == (top(),) and not name.endswith("/") and ".." not in parts:
                    path = folder.joinpath(*parts)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(file.read(name))
    except (OSError, zipfile.BadZipFile) as error:
        raise Wrong(f"{title or archive} cannot be unpacked ({error})") from error
    checked(folder, title or archive)


def top():
    """Return the name of web2py's package."""
    return Path(FACTS["marker"]).parts[0]


def digest_of(package):
    """Return the SHA-256 of the names and contents of all files, sorted by name."""
    digest = sha256()
    for path in sorted(path for path in package.rglob("*") if path.is_file()):
        if "__pycache__" not in path.parts:  # left by an earlier run of web2py
            digest.update(f"{path.relative_to(package.parent).as_posix()}\0".encode())
            digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        print(find(look="--look" in sys.argv[1:]))
    except (Wrong, OutOfReach) as trouble:
        print(trouble, file=sys.stderr)
        sys.exit(trouble.exit_code)
