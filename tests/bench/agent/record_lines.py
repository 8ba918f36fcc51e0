"""Record the lines of a folder with a tracer: python record_lines.py FOLDER RECORD TRACER."""

import json
import sys
from pathlib import Path

from bench.agent import line_tracing
from bench.agent.line_recorder import LineRecorder


def tools() -> list[str | None]:
    """Return the name of the tool that uses each number of sys.monitoring."""
    return [sys.monitoring.get_tool(n) for n in range(6)] if hasattr(sys, "monitoring") else []


def count_lines(recorder: LineRecorder) -> int:
    """Return how many lines the tracer on sys.monitoring has collected in its last context."""
    return len(getattr(recorder._tracer, "_current", ()))


if __name__ == "__main__":
    folder, record, tracer = sys.argv[1:]
    link = Path(record).with_name(
        "link"
    )  # an application may run from a link that is removed later
    link.symlink_to(folder)
    sys.path.insert(0, str(link))
    import early  # type: ignore[import-not-found]  # a module of the folder

    counted, thrown = early.counted(), early.thrown()
    next(counted), next(thrown)
    report: dict[str, object] = {"default": line_tracing.DEFAULT_TRACER.__name__}
    report["tools before"] = tools()
    recorder = LineRecorder(folder, record, getattr(line_tracing, tracer))
    report["tools while recording"] = tools()
    import sample  # type: ignore[import-not-found]  # a module of the folder

    with recorder.record_feature("menu"):
        sample.menu(counted, thrown)
    with recorder.record_feature("cart"):
        sample.cart()
    with recorder.record_feature("menu"):
        sample.nested(recorder)
    link.unlink()
    recorder.save()
    before = count_lines(recorder)
    sample.cart()
    report |= {"tools after": tools(), "lines after": count_lines(recorder) - before}
    print(json.dumps(report))
