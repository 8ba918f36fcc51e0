"""Where is web2py? It is on no index: its source tree is named by a variable, or fetched once.

Run: .venvs/web2py/bin/python apps/web2py/source.py
"""

import os
import sys
import tomllib
import zipfile
from contextlib import suppress
from hashlib import file_digest, sha256
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from urllib.request import urlopen

FACTS = tomllib.loads((Path(__file__).parent / "framework.toml").read_text("utf-8"))["source"]
TIMEOUT_SECONDS = 60


class SourceMissing(Exception):
    """web2py's source tree is not to be had: one line that says why, and what helps."""

    def __init__(self, reason):
        super().__init__(f"{reason}; set {FACTS['env']} to web2py's source, a folder or a zip")


def find():
    """Return the folder of web2py's source tree, fetched or unpacked now if need be.

    Raises SourceMissing.
    """
    given = os.environ.get(FACTS["env"])
    if not given:
        return kept(FACTS["sha256"], fetch)
    if not Path(given).is_file():
        return checked(Path(given))
    with Path(given).open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    return kept(digest, lambda folder: unpack(given, folder))


def checked(folder):
    """Return the folder if it holds web2py."""
    if not (folder / FACTS["marker"]).is_file():
        raise SourceMissing(f"there is no {FACTS['marker']} in {folder}")
    return folder.absolute()


def kept(name, fill):
    """Return this user's copy by that name, made by `fill` when there is none yet."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cookoff"
    copy = cache / f"web2py-{name[:16]}"
    if not copy.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=cache) as scratch:
            tree = Path(scratch, "tree")
            fill(tree)
            with suppress(OSError):  # another process was faster, and its copy is as good
                tree.rename(copy)
    return checked(copy)


def fetch(folder):
    """Fetch the upstream archive and unpack it, if its contents are the expected ones."""
    archive = folder.with_suffix(".zip")
    try:
        with (
            urlopen(FACTS["archive"], timeout=TIMEOUT_SECONDS) as reply,
            archive.open("wb") as file,
        ):
            copyfileobj(reply, file)
    except OSError as error:
        raise SourceMissing(f"{FACTS['archive']} cannot be fetched ({error})") from error
    unpack(archive, folder)
    if digest_of(folder) != FACTS["sha256"]:
        raise SourceMissing(f"{FACTS['archive']} does not hold what it should")


def unpack(archive, folder):
    """Unpack web2py's own code, and leave the applications it comes with."""
    wanted = Path(FACTS["marker"]).parts[0]
    try:
        with zipfile.ZipFile(archive) as file:
            for name in file.namelist():
                # GitHub's archives hold one folder that holds all else.
                parts = Path(name).parts[0 if name.startswith(f"{wanted}/") else 1 :]
                if parts[:1] == (wanted,) and not name.endswith("/") and ".." not in parts:
                    path = folder.joinpath(*parts)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(file.read(name))
    except (OSError, zipfile.BadZipFile) as error:
        raise SourceMissing(f"{archive} cannot be unpacked ({error})") from error
    checked(folder)


def digest_of(folder):
    """Return the SHA-256 of every file's name and contents, in the order of the names."""
    digest = sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        print(find())
    except SourceMissing as error:
        sys.exit(str(error))
