"""Define the parts of results.json, and the names in it that are not frameworks."""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

BASELINE = "bare"
CONTROL_PREFIX = "the twin of "
REPEAT_SUFFIX, SLOWED_SUFFIX = " again", " slowed"
FLOOR = "floor"
PRERENDERED = "bare without Jinja2"

LAYERS = ("server", "framework", "app", "template", "larder")

TIE = "no difference shown"


class Record(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The base class of all records: unknown and missing fields are refused."""


LineRanges = Annotated[str, msgspec.Meta(pattern=r"^(\d+(-\d+)?(,\d+(-\d+)?)*)?$")]  # "3-7,9"
ByName = dict[str, str]


class Machine(Record):
    """The machine of a measurement: bench.core.machine."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    kernel: str
    governor: str
    steal: float
    python: str
    python_build: str
    python_compiler: str
    python_flags: str
    load: list[float]  # averages over 1, 5 and 15 minutes


class Ratio(Record):
    """A ratio with the bounds of its 99 % confidence interval."""

    ratio: float
    low: float
    high: float


class SourceRange(Record):
    """A named piece of source code."""

    name: str
    file: str  # relative to the folder of apps: "flask/handlers.py"
    first_line: int
    last_line: int


class DeclaredCode(SourceRange):
    """Code that was written for a need, with its number of code lines."""

    lines: int


class FeatureCode(Record):
    """The code of one feature in one app."""

    id: str
    handlers: list[SourceRange]
    lines: int
    branches: int
    names: list[str]  # used names of the framework and its dependencies


class InstalledPackage(Record):
    """A package that a framework installs."""

    name: str
    version: str
    bytes: int
    licence: str


class Code(Record):
    """The metrics of one app's code."""

    name: str
    title: str
    version: str
    python_lines: int  # of the site as taught
    hardening_lines: int
    template_lines: int
    configuration_lines: int
    branches: int
    names: list[str]
    packages: list[InstalledPackage]
    megabytes: float
    features: list[FeatureCode]  # one for each feature of the site
    known_names: dict[str, ByName]  # by file: the local name, and the full name


class DeclaredDeviation(Record):
    """A clause that a framework cannot meet."""

    clause: str
    reason: str
    source: str


class LevelCount(Record):
    """The clauses of one level or group, and how many of them a site meets."""

    passed: int
    clauses: int


class ContractResult(Record):
    """The clauses of one site, by outcome; `total` counts all clauses of the contract."""

    passed: int
    total: int
    failed: list[str]
    unmet: list[str]  # hardening clauses that a site as taught does not meet
    deviations: list[str]
    blocked: ByName  # clause: the feature that the site lacks
    levels: dict[str, LevelCount]  # "core", and each hardening group
    skipped: ByName  # clause: reason


class CoveredLines(Record):
    """The lines that ran in the contract: by feature and file, at start-up, and not at all."""

    features: dict[str, dict[str, LineRanges]]
    start: dict[str, LineRanges]
    dead: dict[str, LineRanges]


class ProvidedNeed(Record):
    """The provider of a need of the site: the framework, an add-on, or code of the app."""

    by: str
    lines: int
    code: list[DeclaredCode]


class FrameworkFacts(Record):
    """The facts about one framework that `cookoff compare` collects."""

    name: str
    title: str  # with the version
    home: str
    docs: str
    docs_search: str
    python: str
    licence: str
    summary: str
    templates: str
    deviations: list[DeclaredDeviation]
    contract: ContractResult
    code: Code
    released: str
    brings: dict[str, ProvidedNeed]
    untrue: list[str]
    ran: CoveredLines
    sources: ByName


class PageCost(Ratio):
    """The time of a page under one entry, against the baseline."""

    microseconds: float
    added_microseconds: float
    verdict: str


class FloorRatio(Ratio):
    """The time of the baseline's page against the smallest application."""

    page: str
    of: str


class TemplateCost(Ratio):
    """The time that a page's template adds to the baseline."""

    microseconds: float


class Noise(Record):
    """Disturbances of a measurement, in shares of a core, and a warning for each large one."""

    noisy: list[str]
    steal: float = 0.0
    others: float = 0.0
    load: list[float] = []


class CostTask(Record):
    """One launch that a machine of a cluster measured."""

    page: str
    launch: int
    machine: int  # index in the list of machines


class Cost(Record, kw_only=True):
    """Time in the application: bench/measure/cost/summary.py."""

    baseline: str
    twin: str
    launches: int
    cycles: int
    slice_seconds: float
    seed: int
    noise_floor: float
    machine: Machine
    noise: Noise
    failed: ByName
    pages: dict[str, dict[str, PageCost]]
    floors: dict[str, float]
    degrees: dict[str, float]
    ties: dict[str, list[list[str]]]
    quicker_than: dict[str, dict[str, list[str]]]
    pairs: dict[str, dict[str, dict[str, Ratio]]]
    floor: FloorRatio | None
    template: dict[str, TemplateCost]
    versions: ByName
    machines: list[Machine] = []  # this field and the next ones: measured by a cluster
    told_by: dict[str, int] = {}
    cells: list[CostTask] = []
    larder: list[str] = []


class StandardClause(Record):
    """A section of a standard."""

    title: str
    link: str


class ProbeOutcome(Record):
    """Frameworks with the same outcome on every channel."""

    frameworks: Annotated[list[str], msgspec.Meta(min_length=1)]
    outcome: ByName  # by channel
    meets: dict[str, bool | None]


class ProbeEvidence(Record):
    """The evidence of one framework on one channel."""

    verdict: str
    hits: list[str]
    lint: list[list[str]]
    replies: list[str]


class ProbeResults(Record):
    """One probe with the outcomes of all frameworks."""

    id: str
    sentence: str
    group: str
    grade: str
    clause: StandardClause | None
    debug: bool
    requests: list[str]
    command: str
    outcomes: list[ProbeOutcome]
    cells: dict[str, dict[str, ProbeEvidence]]
    idioms: ByName


class JsonCase(Record):
    """One text of the JSON test suite."""

    id: str
    triage: str
    text: str


class JsonOutcome(Record):
    """Frameworks with the same outcome for a JSON text."""

    case: str
    frameworks: list[str]
    outcome: str
    meets: bool | None


class JsonResults(Record):
    """The JSON test suite: bench/behaviour/json_suite.py."""

    cases: list[JsonCase]
    outcomes: list[JsonOutcome]
    masked: list[list[str]]
    counts: dict[str, dict[str, dict[str, dict[str, int]]]]  # name, channel, triage, outcome


class BehaviourNote(Record):
    """A note of the atlas that the outcomes of the run confirm."""

    probe: str
    title: str
    prose: str


class ProbedTitle(Record):
    """A probed framework."""

    title: str


class Behaviour(Record):
    """The atlas of default behaviour: bench/behaviour/result.py."""

    channels: list[str]
    groups: ByName
    verdicts: ByName
    frameworks: dict[str, ProbedTitle]
    failed: ByName
    fallen: dict[str, list[str]]
    probes: list[ProbeResults]
    json: JsonResults
    notes: list[BehaviourNote]
    notes_left_out: ByName


class BehaviourChange(Record):
    """An outcome that differs from the one of the run before."""

    framework: str
    probe: str
    channel: str
    before: str
    now: str


class LimitKind(Record):
    """A size that may be limited."""

    sentence: str
    unit: str
    ceiling: int


class LimitEdge(Record):
    """The largest accepted size, whether it is the ceiling of the search, and the refusal."""

    accepted: int
    ceiling: bool
    refusal: str


class Limits(Record):
    """The limits of each framework: bench/behaviour/limits.py."""

    ceilings: dict[str, LimitKind]
    found: dict[str, dict[str, dict[str, LimitEdge]]]


class NewUse(Record):
    """Work that a warm request repeats, such as opening files."""

    count: int
    names: list[str]


class FeatureTrace(Record):
    """The calls of one feature: bench/measure/trace/result.py."""

    calls: list[int]
    share: list[float]
    before: int | None
    depth: int | None
    deepest: int
    modules: int
    steady: bool
    warm: dict[str, NewUse]
    spine: list[int]


class FrameworkTraces(Record):
    """The traces of one framework."""

    title: str
    instrument: str
    frames: list[tuple[str, str, str, int]]  # layer, file, function, line
    features: dict[str, FeatureTrace]
    failed: ByName


class LayerWords(Record):
    """The names of the layers on the site's page about itself."""

    server: str
    framework: str
    app: str
    template: str
    larder: str


class Traces(Record):
    """One request of each feature as a call tree: bench/measure/trace/result.py."""

    watched: int
    python: str
    layers: list[str]
    words: LayerWords
    frameworks: dict[str, FrameworkTraces]


class Startup(Record):
    """Start-up time and memory of one framework: bench/measure/cost/startup.py."""

    import_seconds: float
    create_seconds: float
    first_reply_seconds: float
    runs: int
    spread: float
    rss_mib: float
    rss_mib_after: float
    requests: int
    still_grows: bool
    blocks_a_request: float


class CallCount(Record):
    """Calls of Python functions and of compiled functions."""

    python: int
    builtin: int


class LayerCalls(Record):
    """Calls in each layer."""

    server: int
    framework: int
    app: int
    template: int
    larder: int


class Growth(Record):
    """Times at several sizes, and the exponent of the fitted power law."""

    points: list[tuple[int, float]]
    exponent: float | None
    left_out: str = ""


class InstructionCount(Record):
    """Instructions and allocations of one request: bench/measure/cost/instructions.py."""

    instructions: int
    spread: int
    allocations: int | None


class Instructions(Record):
    """Instructions by page and framework, counted by this version of Valgrind."""

    valgrind: str
    pages: dict[str, dict[str, InstructionCount]]


class Detection(Record):
    """The detections of a planted slowdown: bench/measure/cost/sensitivity.py."""

    told: int
    false_alarms: int
    added_percent: Annotated[list[float], msgspec.Meta(min_length=1)]
    twins_percent: Annotated[list[float], msgspec.Meta(min_length=1)]


class Sensitivity(Record):
    """Repeated measurements with a planted slowdown."""

    percent: float
    repetitions: int
    seconds: int
    noise_floors: list[float]
    pages: dict[str, dict[str, Detection]]


class Throughput(Ratio):
    """Requests per second of one target, against the baseline."""

    rps: float
    cpu_microseconds: float
    verdict: str


class ClosedLoad(Record):
    """Throughput by number of connections: bench/measure/load/closed_loop.py."""

    page: str
    baseline: str
    twin: str
    pinned: bool
    seconds: float
    rounds: int
    failed: ByName
    connections: dict[str, dict[str, Throughput]]
    growth: dict[str, Growth]


class Bounds(Record):
    """A confidence interval, in milliseconds."""

    low: float
    high: float


class Latency(Record):
    """Latency of one target in milliseconds: bench/measure/load/latency_summary.py."""

    rate: float
    peak_rps: float | None
    due: int
    answered: int
    wrong: int
    unanswered: int
    p50: float | None
    p90: float | None
    p99: float | None
    p999: float | None
    max: float
    p50_interval: Bounds | None
    p90_interval: Bounds | None
    curve: list[tuple[float, float]]
    lateness_p99: float
    rejected: int


class LoadCluster(Record):
    """The machines of a cluster that generated the load."""

    host: str
    workers: int
    machines: list[Machine]


class OpenLoad(Record):
    """Latency at a fixed rate: bench/measure/load/open_loop.py."""

    page: str
    share: float | None
    baseline: str
    failed: ByName
    pinned: bool
    capacity_rps: float
    bottleneck: str
    rounds: int
    seconds: float
    too_busy: ByName
    frameworks: dict[str, Latency]
    cluster: LoadCluster | None = None


class ServerThroughput(Record):
    """Requests per second of one server, against waitress when waitress has a rate."""

    rps: float
    cpu_microseconds: float
    ratio: float | None
    low: float | None
    high: float | None


class Servers(Record):
    """The site on other servers: bench/measure/load/servers.py."""

    page: str
    rounds: int
    pinned: bool
    failed: ByName
    skipped: ByName
    frameworks: dict[str, dict[str, ServerThroughput]]


class SiteDifference(Record):
    """A difference between sites."""

    kind: str
    action: str
    sites: list[str]
    details: str
    requests: list[str]
    script: str


class Differential(Record):
    """One random sequence of requests to all sites: bench/conformance/differential/run.py."""

    seed: int
    steps: int
    frameworks: ByName
    differences: list[SiteDifference]


class FuzzFinding(Record):
    """A fault or a disagreement that hostile requests caused, with the shortest requests."""

    kind: str
    detail: str
    sites: list[str]
    groups: dict[str, list[str]]
    count: int
    confirmed: bool
    requests: list[str]


class UsedFreedom(Record):
    """A declared freedom of the sites, and its number of uses."""

    line: str
    used: int


class Fuzz(Record):
    """Hostile requests to all sites: bench/conformance/fuzz/result.py."""

    seed: int
    sites: list[str]
    requests: int
    sent: int
    seconds: float
    statuses: dict[str, int]
    finds: list[FuzzFinding]
    unconfirmed: dict[str, int]
    freedoms: list[UsedFreedom]


class ResultProvenance(Record):
    """The provenance of a result: bench/results/provenance.py."""

    processor: str
    cores: int
    system: str
    python: str
    code: str
    harness: str


class Results(Record, kw_only=True):
    """All parts of results.json. Parts that no command has written yet are absent."""

    schema: int
    made: str | UnsetType = UNSET
    machine: Machine | UnsetType = UNSET
    frameworks: dict[str, FrameworkFacts] | UnsetType = UNSET
    missing: ByName | UnsetType = UNSET
    clauses: int | UnsetType = UNSET
    cost: Cost | UnsetType | None = UNSET
    behaviour: Behaviour | UnsetType = UNSET
    behaviour_changes: list[BehaviourChange] | UnsetType = UNSET
    limits: Limits | UnsetType = UNSET
    journey: Traces | UnsetType = UNSET
    starts: dict[str, Startup] | UnsetType = UNSET
    calls: dict[str, dict[str, CallCount]] | UnsetType = UNSET
    layers: dict[str, dict[str, LayerCalls]] | UnsetType = UNSET
    warm: dict[str, dict[str, dict[str, NewUse]]] | UnsetType = UNSET
    growth: dict[str, dict[str, Growth]] | UnsetType = UNSET
    instructions: Instructions | UnsetType = UNSET
    planted: Sensitivity | UnsetType = UNSET
    load_closed: ClosedLoad | UnsetType = UNSET
    load_open: OpenLoad | UnsetType = UNSET
    servers: Servers | UnsetType = UNSET
    walk: Differential | UnsetType = UNSET
    fuzz: Fuzz | UnsetType = UNSET
    origins: dict[str, dict[str, ResultProvenance]] | UnsetType = UNSET
