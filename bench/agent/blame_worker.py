"""Sample the call stacks of warm requests in one application, answered through waitress.

The timing worker with one more command: "blame" answers a prepared request again and again, first
only timed, then sampled, and returns the samples of each call stack.

bench/measure/cost/blame.py starts it: `.venvs/flask/bin/python -m bench.agent.blame_worker`.
"""

import sys
from time import perf_counter, perf_counter_ns
from typing import Any

from bench.agent.call_counter import WARMUP_REQUESTS, serve_request
from bench.agent.code_owner import OwnerFinder
from bench.agent.prepared_request import PreparedRequest
from bench.agent.slice_timing import read_wait_ns
from bench.agent.source_lines import SourceLine
from bench.agent.stack_sampler import StackSampler
from bench.agent.timing_worker import TimingWorker, main
from bench.agent.trace_worker import CapturingChannel


class BlameWorker(TimingWorker):
    """The application, and the requests that are prepared for it."""

    def handle_command(self, line: dict[str, Any]) -> dict[str, Any]:
        """Run one command; return its reply."""
        if line["do"] == "blame":
            return self.sample_stacks(**{key: line[key] for key in line if key != "do"})
        return super().handle_command(line)

    def sample_stacks(
        self, page: str, seconds: float, samples: int, roots: list[tuple[str, str]]
    ) -> dict[str, Any]:
        """Time a page's requests for some seconds, then sample them; return frames and stacks.

        The sampling ends after `samples`, or after thirty times the seconds.
        """
        prepared = self.prepared_requests[page]
        for _ in range(WARMUP_REQUESTS):
            self.answer(prepared)
        timed_ns, timed = 0, 0
        while timed_ns < seconds * 1e9:
            timed_ns += self.answer(prepared)
            timed += 1
        sampler = StackSampler(serve_request.__code__, longest_ns=2 * timed_ns // timed)
        sampled, ends_at = 0, perf_counter() + 30 * seconds
        with sampler.sample():
            while sampler.samples < samples and perf_counter() < ends_at:
                self.answer(prepared)
                sampled += 1
        return {
            "microseconds": timed_ns / timed / 1000,
            "requests": sampled,
            "samples": sampler.samples,
            **list_stacks(sampler, OwnerFinder(roots)),
        }

    def answer(self, prepared: PreparedRequest) -> int:
        """Answer a request; return the nanoseconds, or raise ValueError for a wrong status."""
        raw, channel = prepared.to_bytes(), CapturingChannel(self.application)
        waited_before, started = read_wait_ns(), perf_counter_ns()
        serve_request(raw, channel)
        elapsed_ns = perf_counter_ns() - started - (read_wait_ns() - waited_before)
        if channel.status != prepared.status:
            raise ValueError(f"answered {channel.status}, not {prepared.status}")
        return elapsed_ns


def list_stacks(sampler: StackSampler, owners: OwnerFinder) -> dict[str, Any]:
    """Return the lines that ran, and each stack as indices of lines, with its samples."""
    numbers: dict[SourceLine, int] = {}
    stacks = [
        (count, [numbers.setdefault(line, len(numbers)) for line in stack])
        for stack, count in sampler.counts.items()
    ]
    frames = []
    for line in numbers:
        owner, file = owners.find(line.file)
        frames.append((owner, file, line.line, line.function, line.is_template))
    return {"frames": frames, "stacks": stacks}


if __name__ == "__main__":
    sys.exit(main(BlameWorker))
