"""Record what runs of a folder, with one tracer. Run: python trace_them.py FOLDER RECORD TRACER."""

import json
import sys
from pathlib import Path

from bench.agent import line_tracing
from bench.agent.line_recorder import LineRecorder


def tools():
    """Return who holds each of the numbers of sys.monitoring."""
    return [sys.monitoring.get_tool(n) for n in range(6)] if hasattr(sys, "monitoring") else []


def heard(recorder):
    """Return how many lines the tracer over sys.monitoring has heard of in its last context."""
    return len(getattr(recorder._tracer, "_current", ()))


if __name__ == "__main__":
    folder, record, tracer = sys.argv[1:]
    link = Path(record).with_name("link")  # as an application may be run, and then tidied up
    link.symlink_to(folder)
    sys.path.insert(0, str(link))
    import early

    counted, thrown = early.counted(), early.thrown()
    next(counted), next(thrown)
    said = {"default": line_tracing.DEFAULT_TRACER.__name__, "tools before": tools()}
    recorder = LineRecorder(folder, record, getattr(line_tracing, tracer))
    said["tools while recording"] = tools()
    import sample

    with recorder.record_feature("menu"):
        sample.menu(counted, thrown)
    with recorder.record_feature("cart"):
        sample.cart()
    with recorder.record_feature("menu"):
        sample.nested(recorder)
    link.unlink()
    recorder.save()
    before = heard(recorder)
    sample.cart()
    print(json.dumps(said | {"tools after": tools(), "heard after": heard(recorder) - before}))
