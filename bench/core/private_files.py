"""Create folders and files that only their owner can read, whatever the umask."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from bench.core.errors import DependencyError, UsageError, collapse_whitespace

GROUP_AND_OTHERS = 0o077  # the permission bits of group and others


def make_folder(folder: Path) -> Path:
    """Create a private folder, or restrict an existing folder and its content; return the folder.

    Raises UsageError for a folder that all users share, such as /tmp, and DependencyError for a
    folder that can be neither created nor restricted.
    """
    try:
        if not folder.is_dir():
            chain = (*reversed(folder.parents), folder)
            for missing in [path for path in chain if not path.exists()]:
                missing.mkdir(mode=0o700, exist_ok=True)
                missing.chmod(0o700)  # the umask may have removed the owner's permissions
        elif folder.stat().st_mode & GROUP_AND_OTHERS:
            restrict_permissions(folder)
    except OSError as error:
        raise DependencyError(
            f"{folder} cannot be made private: {collapse_whitespace(error)}"
        ) from error
    return folder


def restrict_permissions(folder: Path) -> None:
    """Remove the permissions of group and others from a folder and all its content."""
    if folder.stat().st_mode & stat.S_ISVTX or folder.resolve() in (Path("/"), Path.home()):
        raise UsageError(
            f"{folder} is a shared folder or a home folder; set COOKOFF_STATE to another folder"
        )
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(parent, name)
            with suppress(FileNotFoundError):  # another command may remove files here
                if not path.is_symlink():
                    path.chmod(stat.S_IMODE(path.stat().st_mode) & ~GROUP_AND_OTHERS)
    folder.chmod(0o700)  # last, so that after an interruption the next command starts again


def open_private(path: str, flags: int) -> int:
    """Open a file as the opener of open(); only the owner can read a new file."""
    return os.open(path, flags, 0o600)
