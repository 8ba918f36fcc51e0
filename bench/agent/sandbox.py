"""Confine a process: it sees few folders, writes one, has no network, and limited resources.

`unshare` starts this module as root of new namespaces (bench/runtime/sandbox.py). It builds a root
folder of the folders that the process may read, sets the limits, gives up all privileges and
becomes the command. Without namespaces it sets the limits only.

Sources: mount(2), pivot_root(2), user_namespaces(7), setrlimit(2).
"""

import ctypes
import json
import os
import platform
import resource
import sys
from pathlib import Path
from typing import Any

MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
KEPT_FLAGS = 2 | 4 | 8  # nosuid, nodev, noexec: a user namespace cannot remove these
MNT_DETACH = 2
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/mime.types", "/etc/localtime")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
TEMPORARY_BYTES = 16 * 1024 * 1024  # of /tmp in the sandbox
MEBIBYTE = 1024 * 1024
LIMITS = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_CPU: 120,  # seconds
    resource.RLIMIT_AS: 2048 * MEBIBYTE,
    resource.RLIMIT_FSIZE: 64 * MEBIBYTE,
    resource.RLIMIT_NOFILE: 256,
}
MAX_PROCESSES = 64  # with threads
libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Read the spec, confine this process, and become the command after the spec."""
    spec, command = json.loads(sys.argv[1]), sys.argv[2:]
    if spec["namespaces"]:
        build_root(spec)
    for kind, limit in LIMITS.items():
        set_limit(kind, limit)
    os.chdir(spec["folder"])
    if not spec["namespaces"]:
        os.execvp(command[0], command)
    if spec["is_root"]:
        # RLIMIT_NPROC does not hold for root.
        os.setgroups([])
        os.setresgid(*[spec["user"]] * 3)
        set_limit(resource.RLIMIT_NPROC, MAX_PROCESSES)
        os.setresuid(*[spec["user"]] * 3)
        os.execvp(command[0], command)
    set_limit(resource.RLIMIT_NPROC, MAX_PROCESSES)
    # In a user namespace of its own the process has no power over the mounts.
    own = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    os.execvp(own[0], [*own, *command])


def set_limit(kind: int, limit: int) -> None:
    """Set a limit, or keep the lower one that holds already."""
    _, hard = resource.getrlimit(kind)
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (limit, limit))


def build_root(spec: dict[str, Any]) -> None:
    """Make a root folder of the readable folders and the one that can be written."""
    work = Path(spec["writable"])
    if spec["is_root"]:
        give_away(work, spec["user"])
    mount("none", "/", "", MS_REC | MS_PRIVATE)
    root = Path("/tmp")
    mount("tmpfs", str(root), "tmpfs", 0, f"size={TEMPORARY_BYTES},mode=755")
    # The new root hides the old /tmp, so it is entered from a copy of the old root.
    old = root / ".old"
    old.mkdir()
    pivot(root, old)
    for path in (*SYSTEM, *spec["readable"]):
        bind(Path("/.old"), Path(path), writable=False)
    for path in DEVICES:
        bind(Path("/.old"), Path(path), writable=True)
    bind(Path("/.old"), work, writable=True)
    Path("/tmp").mkdir(exist_ok=True)
    Path("/tmp").chmod(0o1777)
    if libc.umount2(b"/.old", MNT_DETACH):
        raise_error("/.old")
    Path("/.old").rmdir()


def give_away(folder: Path, user: int) -> None:
    """Make an unprivileged user the owner of a folder and its content."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)


def pivot(root: Path, old: Path) -> None:
    """Make a folder the root, and show the old root in another folder."""
    number = PIVOT_ROOT[platform.machine()]
    if libc.syscall(number, str(root).encode(), str(old).encode()):
        raise_error(str(root))
    os.chdir("/")


def bind(old: Path, path: Path, writable: bool) -> None:
    """Show a file or a folder of the old root at the same place; a missing one is left out."""
    source = old / path.relative_to("/")
    if path.is_symlink() or not source.exists():
        return
    if source.is_symlink():  # /bin -> usr/bin
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(source.readlink())
        return
    if source.is_dir():
        path.mkdir(parents=True, exist_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    mount(str(source), str(path), "", MS_BIND | MS_REC)
    if not writable:
        flags = os.statvfs(path).f_flag & KEPT_FLAGS
        mount("none", str(path), "", MS_BIND | MS_REMOUNT | MS_RDONLY | flags)


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Attach a file system or a folder at a place; raise OSError."""
    if libc.mount(source.encode(), target.encode(), kind.encode(), flags, options.encode()):
        raise_error(target)


def raise_error(path: str) -> None:
    """Raise the OSError of the last call."""
    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number), path)


if __name__ == "__main__":
    main()
