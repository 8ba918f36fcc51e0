"""Write the folder of a new framework: an app that starts, with a stub for each feature."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import PackageMetadata, distributions
from pathlib import Path
from tempfile import TemporaryDirectory

from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, StrictUndefined
from packaging.utils import canonicalize_name

from bench.core.errors import CookoffError, UsageError
from bench.core.processes import run_command
from bench.frameworks.features import FEATURES
from bench.frameworks.manifest import NEEDS
from bench.frameworks.uv_runner import UV_COMMAND, extract_reason

SKELETON = Path(__file__).parent / "skeleton"
SUFFIX = ".txt"  # keeps the linters from reading a template as Python
SITE_FILES = ("app.py.txt", "handlers.py.txt", "problems.py.txt", "hardening.py.txt")
NAME = re.compile(r"[a-z][a-z0-9_]*")
DISTRIBUTION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
TIMEOUT_SECONDS = 300.0
NO_SUCH_VERSION = "No solution found"  # in uv's message
NO_HOME = "unknown: write the address of the home page here"
NO_SUMMARY = "Unknown: write here what the framework is, in one sentence."
FIRST_RELEASE = date(2003, 1, 1)  # before the first package index of Python
# The name of a feature's handler in every app.
HANDLER_NAMES = (
    *("show_menu", "search_dishes", "show_dish", "write_review", "put_in_cart", "show_cart"),
    *("place_order", "show_order", "show_sign_in", "sign_in", "sign_out", "show_kitchen"),
    *("move_order", "change_photo", "show_photo", "export_orders", "list_dishes"),
    *("show_dish_to_program", "place_order_by_program", "change_dish", "describe_api"),
    *("show_journey", "report_health", "send_static"),
)


@dataclass(frozen=True)
class Release:
    """The newest release of a distribution, and what its metadata says."""

    distribution: str
    version: str
    released: date
    summary: str
    home: str
    docs: str


def write_app(apps: Path, name: str, release: Release) -> Path:
    """Write the folder of a new app, and return it."""
    folder = apps / name
    values = {
        "name": name,
        "title": release.distribution,
        "distribution": release.distribution,
        "version": release.version,
        "released": release.released.isoformat(),
        "summary": json.dumps(release.summary, ensure_ascii=False),  # also a string of TOML
        "home": json.dumps(release.home),
        "docs": json.dumps(release.docs),
        "needs": NEEDS,
        "shared_pages": True,
    }
    with TemporaryDirectory(dir=apps, prefix=".new-") as draft:
        write_skeleton(Path(draft), [file.name for file in SKELETON.glob(f"*{SUFFIX}")], values)
        shutil.copytree(draft, folder)
    return folder


def write_site(folder: Path, title: str, shared_pages: bool) -> None:
    """Write the code of a site that answers 501, with a stub for each feature, to a folder."""
    write_skeleton(folder, SITE_FILES, {"title": title, "shared_pages": shared_pages})


def write_skeleton(folder: Path, names: Iterable[str], values: Mapping[str, object]) -> None:
    """Write files of the skeleton, filled with values, to a folder."""
    templates = Templates(
        loader=FileSystemLoader(SKELETON), undefined=StrictUndefined, keep_trailing_newline=True
    )
    features = [
        {"name": handler, "sentence": feature.sentence, "request": feature.request}
        for handler, feature in zip(HANDLER_NAMES, FEATURES[:-1], strict=True)
    ]
    for name in names:
        text = templates.get_template(name).render(values, features=features)
        Path(folder, name.removesuffix(SUFFIX)).write_text(text, encoding="utf-8")


def check_name(apps: Path, name: str) -> None:
    """Raise UsageError for a name that is taken, or that cannot name a folder and a command."""
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be a name: use lower-case letters, digits and _, beginning with a "
            "letter"
        )
    if (apps / name).exists():
        raise UsageError(f"{apps / name} exists already; remove it, or choose another name")


def find_release(distribution: str, python: Path) -> Release:
    """Look up the newest release of a distribution in the package index that uv uses.

    Raise UsageError for a name that no distribution of the index has, CookoffError when the index
    does not answer or the distribution cannot be installed.
    """
    if not DISTRIBUTION.fullmatch(distribution):
        raise UsageError(f"{distribution!r} cannot be the name of a distribution")
    with TemporaryDirectory() as folder:
        metadata = install_alone(distribution, Path(folder), python)
    version = metadata["Version"]
    links = dict(
        link.split(", ", 1) for link in metadata.get_all("Project-URL") or () if ", " in link
    )
    by_label = {label.lower(): link for label, link in links.items()}
    home = (
        read_field(metadata, "Home-page")
        or by_label.get("homepage")
        or next(iter(links.values()), NO_HOME)
    )
    return Release(
        distribution,
        version,
        find_release_date(distribution, version, datetime.now(UTC).date()),
        read_field(metadata, "Summary") or NO_SUMMARY,
        home,
        by_label.get("documentation") or home,
    )


def read_field(metadata: PackageMetadata, name: str) -> str:
    """Return a field of a distribution's metadata, "" if it has none."""
    return metadata[name] if name in metadata else ""  # noqa: SIM401  # it has no method get


def install_alone(distribution: str, folder: Path, python: Path) -> PackageMetadata:
    """Install a distribution without its dependencies; return its metadata."""
    options = ["--no-deps", "--target", str(folder), "--python", str(python)]
    process = run_uv("pip", "install", *options, distribution)
    wanted = canonicalize_name(distribution)
    if process.returncode:
        if f"{wanted} was not found in the package registry" in process.stderr:
            raise UsageError(
                f"the package index has no distribution {distribution}; check the spelling"
            )
        raise CookoffError(f"{distribution} cannot be installed: {extract_reason(process.stderr)}")
    for installed in distributions(path=[str(folder)]):
        if canonicalize_name(installed.metadata["Name"]) == wanted:
            return installed.metadata
    raise CookoffError(f"{distribution} installed no metadata; write framework.toml by hand")


def find_release_date(distribution: str, version: str, last: date) -> date:
    """Return the first day, at most `last`, on which the index had a version, by bisection.

    uv leaves out what was uploaded after a given day (`--exclude-newer`).
    """
    low, high = FIRST_RELEASE, last
    while low < high:
        day = low + timedelta(days=(high - low).days // 2)
        if is_available(distribution, version, day):
            high = day
        else:
            low = day + timedelta(days=1)
    return low


def is_available(distribution: str, version: str, day: date) -> bool:
    """Return whether the index had a version at the end of a day (UTC).

    Raise CookoffError for any other failure of uv, which says nothing about the day.
    """
    with TemporaryDirectory() as folder:
        wanted = Path(folder, "wanted.in")
        wanted.write_text(f"{distribution}=={version}\n", encoding="utf-8")
        options = ["--no-deps", "--no-header", "--exclude-newer", day.isoformat()]
        process = run_uv("pip", "compile", *options, str(wanted))
    if process.returncode and NO_SUCH_VERSION not in process.stderr:
        raise CookoffError(f"{distribution}: {extract_reason(process.stderr)}")
    return process.returncode == 0


def run_uv(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run uv and return its output; raise TimeLimitError when uv does not end in time."""
    return run_command(
        [*UV_COMMAND, *arguments],
        TIMEOUT_SECONDS,
        "uv",
        "the package index did not answer; try again",
    )
