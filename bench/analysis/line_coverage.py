"""Summarize which lines of an app ran for each feature during the contract, and which never ran.

The part "coverage" of a framework's results, with displayed paths of files:
- "features": {feature id: {file: "3-7,9"}}, the lines that ran for the feature;
- "startup": {file: "1-9"}, the lines that ran outside of requests: at import and at the start;
- "unexecuted": {file: "12"}, the lines of code that never ran.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from coverage import Coverage, CoverageData
from coverage.exceptions import CoverageException

from bench.analysis.handlers import ParsedSite
from bench.core.errors import collapse_whitespace
from bench.frameworks.app_files import CodeError
from bench.frameworks.features import FEATURES
from bench.frameworks.manifest import Framework
from bench.results.schema import CoveredLines

Lines = dict[Path, dict[str, set[int]]]  # by file and feature, which is "" outside of requests


def find_records(framework: Framework, folder: Path) -> list[Path]:
    """Return the coverage files that the hosts of a framework wrote to a folder."""
    return sorted(folder.glob(f"{framework.name}-*.coverage"))


def summarize_coverage(site: ParsedSite, records: Iterable[Path]) -> CoveredLines:
    """Return the lines of a site that ran; without coverage files, no line ran."""
    lines = read_covered_lines(records)
    unexecuted = {file: find_unexecuted_lines(file, lines.get(file, {})) for file in site.texts}
    return CoveredLines(
        features={
            feature.id: format_file_lines(site, select_feature_lines(lines, feature.id))
            for feature in FEATURES
        },
        startup=format_file_lines(site, select_feature_lines(lines, "")),
        unexecuted=format_file_lines(site, unexecuted),
    )


def select_feature_lines(lines: Lines, feature: str) -> dict[Path, set[int]]:
    """Return the lines that ran for one feature, or outside of requests for "", by file."""
    return {file: by_feature.get(feature, set()) for file, by_feature in lines.items()}


def format_file_lines(site: ParsedSite, lines: Mapping[Path, set[int]]) -> dict[str, str]:
    """Return lines of the site in the format of the results, without files that have no lines."""
    return {
        site.display_path(file): format_ranges(numbers)
        for file, numbers in lines.items()
        if numbers and file in site.texts
    }


def read_covered_lines(records: Iterable[Path]) -> Lines:
    """Return the lines that ran, from the coverage files of an app's hosts; raise CodeError."""
    lines: Lines = {}
    for record in records:
        data = CoverageData(str(record))
        try:
            data.read()
        except CoverageException as error:
            raise CodeError(
                f"{record.name}: not a coverage file: {collapse_whitespace(error)}"
            ) from error
        for file in data.measured_files():
            by_feature = lines.setdefault(Path(file).resolve(), {})
            for line, features in data.contexts_by_lineno(file).items():
                for feature in features:
                    by_feature.setdefault(feature, set()).add(line)
    return lines


def find_unexecuted_lines(file: Path, by_feature: Mapping[str, set[int]]) -> set[int]:
    """Return the executable lines that did not run; raise CodeError."""
    coverage = Coverage(data_file=None, config_file=False, messages=False)
    try:
        _, statements, _, _, _ = coverage.analysis2(str(file))
    except CoverageException as error:
        raise CodeError(f"{file}: {collapse_whitespace(error)}") from error
    return set(statements).difference(*by_feature.values())


def format_ranges(lines: Iterable[int]) -> str:
    """Return line numbers as ranges: "3-7,9"."""
    text = io.StringIO()
    for first, last in consecutive_runs(sorted(lines)):
        text.write(f",{first}" if first == last else f",{first}-{last}")
    return text.getvalue().removeprefix(",")


def consecutive_runs(lines: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last number of each consecutive run."""
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


def parse_ranges(text: str) -> set[int]:
    """Return the line numbers that format_ranges() wrote."""
    numbers: set[int] = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        numbers.update(range(int(first), int(last or first) + 1))
    return numbers
