"""Define the schema of framework.toml."""

from typing import Any

import msgspec

from bench.core.errors import CookoffError
from bench.core.toml_files import Text


class ManifestError(CookoffError):
    """A framework.toml that cannot be used; the message names file, key, cause and correction."""


class Deviation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A clause of the contract that a framework does not meet, and the reason with its source."""

    clause: Text
    reason: Text
    source: Text


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The origin of a framework that is on no package index; source.py in its folder fetches it."""

    env: Text  # the environment variable that may name a local folder or archive
    archive: Text  # the URL of the archive
    sha256: Text  # of the package's files
    marker: Text  # a file of the package that identifies a source tree
    licence: Text

    @property
    def package(self) -> str:
        """Return the name of the framework's package."""
        return self.marker.partition("/")[0]


class Provision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The provider of one of the site's needs, and the code in the app that was written for it."""

    provider: Text = msgspec.field(name="by")  # "framework", "hand", or an add-on's distribution
    code: tuple[Text, ...] = ()  # "session.py", or "handlers.py:staff_only"
    names: tuple[Text, ...] = ()  # names of the framework that provide the need: "flask.session"
    at_start: tuple[Text, ...] = ()  # the same, for names that the app uses only when it starts


class ManifestTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of a framework.toml; the entries of brings and released are converted later."""

    title: Text
    home: Text
    docs: Text
    python: Text  # a range of versions, such as ">=3.11"
    templates: Text  # the template language
    template_files: Text  # a glob pattern in the folder
    summary: Text
    template_code: tuple[Text, ...] = ()  # parts of the paths of the template engine's code
    message_cookies: tuple[Text, ...] = ()  # beginnings of names; () for messages in the session
    distribution: str = ""  # "" when the framework is not a distribution
    version: str = ""  # only for a framework that is on no package index
    docs_search: str = ""  # the URL of the documentation of a {name}
    deviations: tuple[Deviation, ...] = ()
    source: Source | None = None
    brings: dict[str, Any] = {}  # by need
    blanks: dict[str, str] = {}  # by feature: the body of a blank handler that runs at start
    released: dict[str, Any] = {}  # by version
