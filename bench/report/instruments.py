"""What can each instrument tell, and what can it not?"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Instrument:
    """One way to measure."""

    name: str
    command: str
    method: str
    strengths: str
    limitations: str


INSTRUMENTS = (
    Instrument(
        "Time in the application",
        "cookoff cost",
        "The WSGI callable is called in its own process, with a request made beforehand. All "
        "frameworks are alive at once and take turns in slices of 4 ms; every launch has a new "
        "hash seed. Time in which another process had the core is left out.",
        "What the framework's code adds to a request, with an interval, ties and a noise floor.",
        "Server, network, waiting, and how threads share the interpreter.",
    ),
    Instrument(
        "Instructions",
        "cookoff cost --instructions",
        "Valgrind's callgrind counts between two marks, an empty phase subtracted; hash seed 0.",
        "A change of 1 %: the same to the last digits whatever the machine does meanwhile.",
        "Speed: caches, branches and the kernel are not in it. It names no winner by itself.",
    ),
    Instrument(
        "Calls and layers",
        "cookoff cost",
        "sys.setprofile hears of every call; the file of the code says the layer: server, "
        "framework, app, template or larder.",
        "Where a request goes, exactly. Shares are of calls: nothing is timed while it is traced.",
        "Time; and what compiled code calls inside itself, as Falcon's does, is not counted.",
    ),
    Instrument(
        "Warm requests",
        "cookoff cost",
        "An audit hook in the framework's process hears of every file that is opened, module that "
        "is imported and code that is compiled while a page is answered that was answered before.",
        "Work that could be done once and is done each time, as by a debug switch left on.",
        "What that work costs; and what libraries in C open by themselves.",
    ),
    Instrument(
        "Throughput, closed loop",
        "cookoff load --closed",
        "wrk on one core, waitress on another, all servers up and taking turns of 1 s.",
        "The peak, and the processor time a request takes, server and all.",
        "What a guest waits: a loop that waits for replies asks less of a slow server.",
    ),
    Instrument(
        "Latency, open loop",
        "cookoff load --rate R",
        "Requests come at moments drawn beforehand, whatever the server does; latency counts from "
        "the intended moment. --share 0.5 takes half of each framework's own peak.",
        "What a guest waits at that rate: p50 and p90 with intervals.",
        "Ranks by p99 or beyond: they are shown, and scatter by a quarter from run to run.",
    ),
    Instrument(
        "Starts and memory",
        "cookoff cost",
        "A new process: import, creation, first reply over HTTP; resident memory after the first "
        "request and, garbage collected, after many.",
        "What a restart and one worker process take, and whether memory still grows.",
        "Memory that several forked workers share; a leak slower than the requests asked.",
    ),
    Instrument(
        "Growth",
        "cookoff cost --growth",
        "The same request with more routes, rows or bytes; the slope on log scales.",
        "What a site pays that grows: exponent 0 is nothing, 1 is in proportion.",
        "What lies beyond the sizes that were measured.",
    ),
)
