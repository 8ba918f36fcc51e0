"""Describe each instrument: its method, its strengths and its limitations."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Instrument:
    """One way to measure, as the report describes it."""

    name: str
    command: str
    method: str
    strengths: str
    limitations: str


INSTRUMENTS = (
    Instrument(
        "Time in the application",
        "cookoff cost",
        "A worker process calls the WSGI application with prepared requests. All frameworks run "
        "at the same time and take turns in slices of 4 ms; every launch has a new hash seed. "
        "Time in which another process used the core is excluded.",
        "The time that a framework's code adds to a request, with intervals, ties and a noise "
        "floor.",
        "Server, network, waiting, and how threads share the interpreter.",
    ),
    Instrument(
        "Cost of hardening",
        "cookoff cost --hardening",
        "Each framework enters twice, hardened and as taught, in turns in one run; the two are "
        "compared within each cycle. The calls of both are counted as for calls and layers.",
        "The time and the calls that hardening.py adds to a request, with an interval.",
        "Differences below the noise floor, and the cost of each part of hardening.py.",
    ),
    Instrument(
        "Instructions",
        "cookoff cost --instructions",
        "Valgrind's callgrind counts between two marks and subtracts an empty phase; hash seed 0.",
        "Changes of 1 %: the count hardly depends on the load of the machine.",
        "Speed: the count excludes caches, branch prediction and the kernel. It does not rank "
        "frameworks by itself.",
    ),
    Instrument(
        "Calls and layers",
        "cookoff cost",
        "sys.setprofile receives every call; the file of the code decides the layer: server, "
        "framework, app, template or database.",
        "The exact calls of a request by layer. Shares are shares of calls: nothing is timed while "
        "calls are counted.",
        "Time, and calls inside compiled code, such as Falcon's.",
    ),
    Instrument(
        "Warm requests",
        "cookoff cost",
        "An audit hook in the framework's process records every opened file, imported module and "
        "compiled code object during a request for a page that was requested before.",
        "Work that is repeated for each request although once would be enough, for example because "
        "a debug setting is on.",
        "The cost of this work, and files that C libraries open.",
    ),
    Instrument(
        "Throughput, closed loop",
        "cookoff load --closed-loop",
        "wrk runs on one core and waitress on another; all servers run and take turns of 1 s.",
        "The highest rate, and the CPU time of a request including the server.",
        "The latency for a client: a closed loop sends fewer requests to a slow server.",
    ),
    Instrument(
        "Latency, open loop",
        "cookoff load --rate R",
        "Requests start at times drawn in advance, whatever the server does; latency counts from "
        "the scheduled time. --peak-fraction 0.5 uses half of each framework's own highest rate.",
        "The latency for a client at this rate: p50 and p90 with intervals.",
        "Ranks by p99 or higher percentiles: the report shows these, but they vary by a quarter "
        "from run to run.",
    ),
    Instrument(
        "Starts and memory",
        "cookoff cost",
        "A new process: import, creation, first reply over HTTP; resident memory after the first "
        "request, and after many requests and a garbage collection.",
        "The time of a restart, the memory of one worker process, and whether memory still grows.",
        "Memory that several forked workers share, and a leak too slow for the number of requests.",
    ),
    Instrument(
        "Growth",
        "cookoff cost --scaling",
        "The same request with more routes, rows or bytes; the slope on log scales.",
        "How the cost grows with a site: exponent 0 is no growth, 1 is growth in proportion.",
        "Sizes beyond those that were measured.",
    ),
)
