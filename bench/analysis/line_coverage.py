"""Which lines of an app ran for which feature while the contract was asked, and which never did?

Results part "ran", by framework:
- "features": {feature id: {file: "3-7,9"}}, the lines that ran for it, files as they are shown;
- "start": {file: "1-9"}, the lines that ran outside of any request: at import and at the start;
- "dead": {file: "12"}, lines of code that nothing ran, not even the import.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from coverage import Coverage, CoverageData
from coverage.exceptions import CoverageException

from bench.analysis.handlers import ParsedSite
from bench.core.errors import collapse_whitespace
from bench.frameworks.app_files import CodeError
from bench.frameworks.features import FEATURES
from bench.frameworks.manifest import Framework

Lines = dict[Path, dict[str, set[int]]]  # file: feature, "" outside of any request: lines


def find_records(framework: Framework, folder: Path) -> list[Path]:
    """Return the records that the hosts of a framework left in a folder."""
    return sorted(folder.glob(f"{framework.name}-*.coverage"))


def summarize_coverage(site: ParsedSite, records: Iterable[Path]) -> dict[str, Any]:
    """Return what ran of a site, as its records say; without records, all of it is dead."""
    lines = read_covered_lines(records)
    dead = {file: find_unexecuted_lines(file, lines.get(file, {})) for file in site.texts}
    return {
        "features": {
            one.id: format_file_lines(site, select_feature_lines(lines, one.id)) for one in FEATURES
        },
        "start": format_file_lines(site, select_feature_lines(lines, "")),
        "dead": format_file_lines(site, dead),
    }


def select_feature_lines(lines: Lines, feature: str) -> dict[Path, set[int]]:
    """Return the lines that ran for one feature, or with "" for none, by file."""
    return {file: by_feature.get(feature, set()) for file, by_feature in lines.items()}


def format_file_lines(site: ParsedSite, lines: Mapping[Path, set[int]]) -> dict[str, str]:
    """Return lines of the site as the results keep them, without the files that have none."""
    return {
        site.display_path(f): format_ranges(which)
        for f, which in lines.items()
        if which and f in site.texts
    }


def read_covered_lines(records: Iterable[Path]) -> Lines:
    """Return the lines that ran, from the records of several hosts of one app; raise CodeError."""
    lines: Lines = {}
    for record in records:
        data = CoverageData(str(record))
        try:
            data.read()
        except CoverageException as error:
            raise CodeError(
                f"{record.name}: no record of what ran: {collapse_whitespace(error)}"
            ) from error
        for file in data.measured_files():
            by_feature = lines.setdefault(Path(file).resolve(), {})
            for line, features in data.contexts_by_lineno(file).items():
                for feature in features:
                    by_feature.setdefault(feature, set()).add(line)
    return lines


def find_unexecuted_lines(file: Path, by_feature: Mapping[str, set[int]]) -> set[int]:
    """Return the lines that could have run and did not; raise CodeError."""
    coverage = Coverage(data_file=None, config_file=False, messages=False)
    try:
        _, statements, _, _, _ = coverage.analysis2(str(file))
    except CoverageException as error:
        raise CodeError(f"{file}: {collapse_whitespace(error)}") from error
    return set(statements).difference(*by_feature.values())


def format_ranges(lines: Iterable[int]) -> str:
    """Return numbers of lines in short: "3-7,9"."""
    written = io.StringIO()
    for first, last in consecutive_runs(sorted(lines)):
        written.write(f",{first}" if first == last else f",{first}-{last}")
    return written.getvalue().removeprefix(",")


def consecutive_runs(lines: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last number of each unbroken run."""
    first = last = None
    for line in lines:
        if first is None or last is None:
            first = last = line
        elif line == last + 1:
            last = line
        else:
            yield first, last
            first = last = line
    if first is not None and last is not None:
        yield first, last


def parse_ranges(written: str) -> set[int]:
    """Return the numbers that spans() wrote."""
    found: set[int] = set()
    for span in filter(None, written.split(",")):
        first, _, last = span.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found
