"""Keep what all sites replied to the newest requests: a summary in memory, the rest on the disk."""

from collections import OrderedDict
from pathlib import Path

import msgspec

from bench.frameworks.features import FEATURES_BY_ID, find_feature_id
from bench.workbench.journal import JournalEntry
from bench.workbench.outcomes import Outcome

MAX_EXCHANGES = 400  # kept for the panels; the journal has all requests


class FoundDifference(msgspec.Struct):
    """One difference of an exchange."""

    kind: str
    sites: list[str]
    details: str


class Exchange(msgspec.Struct):
    """One request and how far it was answered: an entry of the timeline."""

    number: int  # from 1, in the order of the journal
    method: str
    target: str
    stage: str
    status: int
    is_file: bool
    is_mirrored: bool = True
    finished: list[str] = []  # the sites whose outcome is stored
    compared: list[str] = []  # the sites whose outcomes were compared
    differences: list[FoundDifference] = []
    lag_ms: float = 0.0  # from the end of the reply on stage until the last mirror's
    started: float = 0.0  # of the monotonic clock, at the end of the reply on stage

    @property
    def feature(self) -> str:
        """Return the id of the feature that the request uses."""
        return find_feature_id(self.method, self.target.partition("?")[0])

    @property
    def sentence(self) -> str:
        """Return the sentence of the feature."""
        return FEATURES_BY_ID[self.feature].sentence

    def list_kinds(self, site: str) -> list[str]:
        """Return the kinds of differences of one site."""
        return [difference.kind for difference in self.differences if site in difference.sites]


class ExchangeStore:
    """The newest exchanges by number, and their outcomes in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self.exchanges: OrderedDict[int, Exchange] = OrderedDict()
        self.dropped = 0  # exchanges that were forgotten

    def add(self, index: int, entry: JournalEntry, status: int, now: float) -> Exchange:
        """Add the exchange of a journal's entry; forget the oldest of too many."""
        exchange = Exchange(
            index + 1, entry.method, entry.target, entry.stage, status, entry.is_file,
            is_mirrored=not entry.is_cut, started=now,
        )  # fmt: skip
        self.exchanges[exchange.number] = exchange
        while len(self.exchanges) > MAX_EXCHANGES:
            _, oldest = self.exchanges.popitem(last=False)
            self._remove_files(oldest)
            self.dropped += 1
        return exchange

    def add_outcome(self, exchange: Exchange, site: str, outcome: Outcome) -> None:
        """Store what a site replied; a later reply replaces an earlier one."""
        file = self._find_file(exchange.number, site)
        draft = file.with_name(f"{file.name}.draft")  # another thread may read the earlier reply
        draft.write_bytes(msgspec.msgpack.encode(outcome))
        draft.replace(file)
        if site not in exchange.finished:
            exchange.finished.append(site)

    def has_outcome(self, number: int, site: str) -> bool:
        """Return whether a site's reply to a request is stored."""
        return number in self.exchanges and site in self.exchanges[number].finished

    def read_outcomes(self, number: int) -> dict[str, Outcome]:
        """Return what the sites replied, by site."""
        exchange = self.exchanges.get(number)
        return {
            site: msgspec.msgpack.decode(self._find_file(number, site).read_bytes(), type=Outcome)
            for site in (sorted(exchange.finished) if exchange else ())
        }

    def clear(self) -> None:
        """Forget all exchanges."""
        for exchange in self.exchanges.values():
            self._remove_files(exchange)
        self.exchanges.clear()
        self.dropped = 0

    def _remove_files(self, exchange: Exchange) -> None:
        for site in exchange.finished:
            self._find_file(exchange.number, site).unlink(missing_ok=True)

    def _find_file(self, number: int, site: str) -> Path:
        return self._folder / f"{site}-{number}"
