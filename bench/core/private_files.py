"""Make folders and files that nobody but their user can read, whatever the umask."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from bench.core.errors import DependencyError, UsageError, collapse_whitespace

GROUP_AND_OTHERS = 0o077  # what group and others may do


def make_folder(folder: Path) -> Path:
    """Return a folder that its user alone can enter, made now or tightened with all it holds.

    Raises Misuse where the folder is everybody's, such as /tmp, and Missing where it can be neither
    made nor tightened.
    """
    try:
        if not folder.is_dir():
            for missing in [one for one in (*reversed(folder.parents), folder) if not one.exists()]:
                missing.mkdir(mode=0o700, exist_ok=True)
                missing.chmod(0o700)  # the umask may have taken too much away
        elif folder.stat().st_mode & GROUP_AND_OTHERS:
            restrict_permissions(folder)
    except OSError as error:
        raise DependencyError(
            f"{folder} cannot be made private: {collapse_whitespace(error)}"
        ) from error
    return folder


def restrict_permissions(folder: Path) -> None:
    """Take a folder, and all that lies in it, away from everybody but its user."""
    if folder.stat().st_mode & stat.S_ISVTX or folder.resolve() in (Path("/"), Path.home()):
        raise UsageError(f"{folder} is not for run-time state alone; name another: COOKOFF_STATE")
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(place, name)
            with suppress(FileNotFoundError):  # another command may be at work here
                if not path.is_symlink():
                    path.chmod(stat.S_IMODE(path.stat().st_mode) & ~GROUP_AND_OTHERS)
    folder.chmod(0o700)  # last, so that one that was broken off begins again


def open_private(path: str, flags: int) -> int:
    """Open a file for the built-in open(); one that is made is its user's alone."""
    return os.open(path, flags, 0o600)
