"""Define the parts of results.json, and the names in it that are not frameworks."""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from bench.core.machine import Machine

SCHEMA_VERSION = 3

BASELINE = "bare"
CONTROL_PREFIX = "control of "
REPEAT_SUFFIX, SLOWED_SUFFIX = " again", " slowed"
TAUGHT_SUFFIX, PLAIN_SUFFIX = " as taught", " with plain links"
FLOOR = "floor"
PRERENDERED = "bare without Jinja2"

TIE = "no difference shown"
NOT_DECIDED = "not decided"  # whether a site adds time to its variant


class Record(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The base class of all records: unknown and missing fields are refused."""


LineRanges = Annotated[str, msgspec.Meta(pattern=r"^(\d+(-\d+)?(,\d+(-\d+)?)*)?$")]  # "3-7,9"
ByName = dict[str, str]


class Ratio(Record):
    """A ratio with the bounds of its 99 % confidence interval."""

    ratio: float
    low: float
    high: float


class SourceRange(Record):
    """A named piece of source code."""

    name: str  # with the class: "Orders.on_post"
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
    lines: int  # of Python code, see count_lines() of bench/analysis/code_metrics.py
    branches: int  # decision points: if, for, and, except, ...
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


class TaughtResult(Record):
    """The clauses of a site as taught; a hardening clause that is not met is no failure."""

    levels: dict[str, LevelCount]  # "core", and each hardening group
    failed: list[str]


class ContractResult(Record):
    """The clauses of one hardened site, by outcome; `total` counts all clauses of the contract."""

    passed: int
    total: int
    failed: list[str]
    unmet: list[str]  # hardening clauses that a site as taught does not meet
    deviations: list[str]
    blocked: ByName  # clause: the feature that the site lacks
    levels: dict[str, LevelCount]  # "core", and each hardening group
    skipped: ByName  # clause: reason
    as_taught: TaughtResult | None = None  # None: no clause ran at the site as taught


class CoveredLines(Record):
    """The lines that ran in the contract: by feature and file, at start-up, and not at all."""

    features: dict[str, dict[str, LineRanges]]
    startup: dict[str, LineRanges]
    unexecuted: dict[str, LineRanges]


class Provision(Record):
    """The provider of a need of the site: the framework, an add-on, or code of the app."""

    provider: str
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
    release_date: str
    provisions: dict[str, Provision]
    false_declarations: list[str]
    coverage: CoveredLines
    sources: ByName


class PageCost(Ratio):
    """The time of a page under one entry, against the baseline."""

    microseconds: float
    added_microseconds: float
    verdict: str


class FloorRatio(Ratio):
    """The time of the baseline's page against the smallest application."""

    page: str
    baseline: str


class TemplateCost(Ratio):
    """The time that a page's template adds to the baseline."""

    microseconds: float


class Noise(Record):
    """Disturbances of a measurement, in shares of a core, and a warning for each large one."""

    warnings: list[str] = []
    steal_share: float = 0.0
    other_processes_share: float = 0.0
    load_averages: list[float] = []


class CostTask(Record):
    """One launch that a machine of a cluster measured."""

    page: str
    launch: int
    machine: int  # index in the list of machines


class Cost(Record, kw_only=True):
    """Time in the application: bench/measure/cost/summary.py."""

    baseline: str
    control: str
    launches: int
    cycles: int
    slice_seconds: float
    seed: int
    max_control_ratio: float
    machine: Machine
    noise: Noise
    failed: ByName
    pages: dict[str, dict[str, PageCost]]
    noise_floors: dict[str, float]
    degrees_of_freedom: dict[str, float]
    ties: dict[str, list[list[str]]]
    faster_than: dict[str, dict[str, list[str]]]
    pairs: dict[str, dict[str, dict[str, Ratio]]]
    floor_ratio: FloorRatio | None
    template_costs: dict[str, TemplateCost]
    versions: ByName
    machines: list[Machine] = []  # this field and the next ones: measured by a cluster
    absolute_time_machines: dict[str, int] = {}
    tasks: list[CostTask] = []
    databases: list[str] = []


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

    attribution: str
    violations: list[str]
    lint: list[tuple[str, str, str]]  # level, note, subject
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
    evidence: dict[str, dict[str, ProbeEvidence]]  # by framework and channel
    idioms: ByName


class JsonCase(Record):
    """One text of the JSON test suite."""

    id: str
    expected: str  # accept, reject or free
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
    server_changes: list[tuple[str, str, str, str]]  # channel, framework, case, outcome
    counts: dict[str, dict[str, dict[str, dict[str, int]]]]  # name, channel, expected, outcome


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
    attributions: ByName
    frameworks: dict[str, ProbedTitle]
    failed: ByName
    crashes: dict[str, list[str]]
    probes: list[ProbeResults]
    json: JsonResults
    notes: list[BehaviourNote]
    skipped_notes: ByName


class BehaviourChange(Record):
    """An outcome that differs from the one of the run before."""

    framework: str
    probe: str
    channel: str
    before: str
    after: str


class LimitKind(Record):
    """A size that may be limited."""

    sentence: str
    unit: str
    ceiling: int


class LimitEdge(Record):
    """The largest accepted size, whether it is the ceiling of the search, and the refusal."""

    max_accepted: int
    reached_ceiling: bool
    refusal: str


class Limits(Record):
    """The limits of each framework: bench/behaviour/limits.py."""

    kinds: dict[str, LimitKind]
    frameworks: dict[str, dict[str, dict[str, LimitEdge]]]  # by kind and channel


class RepeatedWork(Record):
    """Work of one kind that a warm request repeats, such as opening files."""

    count: int
    names: list[str]


class LayerCalls(Record):
    """Calls in each layer."""

    server: int
    framework: int
    app: int
    template: int
    database: int


class LayerShares(Record):
    """Shares of the time in each layer."""

    server: float
    framework: float
    app: float
    template: float
    database: float


class LayerTimes(LayerShares, kw_only=True):
    """Sampled shares of a request's time in each layer: bench/measure/cost/layer_times.py."""

    samples: int


LAYERS = LayerCalls.__struct_fields__


class CallBlock(Record, array_like=True):
    """A call with all calls below it: [row, calls before, calls, number into frames]."""

    row: int
    first: int
    calls: int
    frame: int


class FeatureTrace(Record):
    """The calls of one feature: bench/measure/trace/result.py."""

    calls: LayerCalls
    time_shares: LayerShares
    calls_before_handler: int | None
    handler_depth: int | None
    maximum_depth: int
    modules: int
    stable: bool
    repeated_work: dict[str, RepeatedWork]
    handler_path: list[int]
    blocks: list[CallBlock] = []  # none in results of earlier versions


class Frame(Record, array_like=True):
    """A function on a call path: [layer, file, function, line]."""

    layer: str
    file: str
    function: str
    line: int


class FrameworkTraces(Record):
    """The traces of one framework."""

    title: str
    instrument: str
    frames: list[Frame]
    features: dict[str, FeatureTrace]
    failed: ByName


class Traces(Record):
    """One request of each feature as a call tree: bench/measure/trace/result.py."""

    traced_requests: int
    python: str
    frameworks: dict[str, FrameworkTraces]


class Startup(Record):
    """Start-up time and memory of one framework: bench/measure/cost/startup.py."""

    import_seconds: float
    create_seconds: float
    first_reply_seconds: float
    runs: int
    first_reply_spread: float
    rss_mib: float
    rss_mib_after: float
    requests: int
    memory_grows: bool
    blocks_per_request: float


class CallCount(Record):
    """Calls of Python functions and of compiled functions."""

    python: int
    builtin: int


class ScalingCurve(Record):
    """Times at several sizes, and the exponent of the fitted power law."""

    points: list[tuple[int, float]]
    exponent: float | None
    skipped: str = ""


class InstructionCount(Record):
    """Instructions and allocations of one request: bench/measure/cost/instructions.py."""

    instructions: int
    spread: int
    allocations: int | None


class Instructions(Record):
    """Instructions by page and framework, counted by this version of Valgrind."""

    valgrind_version: str
    pages: dict[str, dict[str, InstructionCount]]


class Detection(Record):
    """The detections of a planted slowdown: bench/measure/cost/sensitivity.py."""

    detected: int
    false_alarms: int
    slowed_percent: Annotated[list[float], msgspec.Meta(min_length=1)]
    control_percent: Annotated[list[float], msgspec.Meta(min_length=1)]


class Sensitivity(Record):
    """Repeated measurements with a planted slowdown."""

    slowdown_percent: float
    repetitions: int
    duration_seconds: int
    max_control_ratios: list[float]
    pages: dict[str, dict[str, Detection]]


class AddedCost(Ratio):
    """The time and the calls that a site adds to a page of a variant of the site."""

    added_microseconds: float
    added_low: float  # the bounds of the 99 % confidence interval
    added_high: float
    verdict: str
    added_calls: int | None  # None: not counted


class PairedRun(Record):
    """The settings and the noise of a run in which each site is compared with a variant."""

    baseline: str
    launches: int
    cycles: int
    seed: int
    max_control_ratio: float
    noise_floors: dict[str, float]
    warnings: list[str]
    failed: ByName


class HardeningCost(AddedCost):
    """The time and the calls that hardening adds to a page of a site as taught."""

    taught_microseconds: float
    taught_calls: int | None  # None: not counted


class Hardening(PairedRun):
    """The cost of hardening: bench/measure/cost/hardening.py."""

    pages: dict[str, dict[str, HardeningCost]]


class LinkCost(AddedCost):
    """The time and the calls that links by name add to a page with the paths written out."""

    plain_microseconds: float
    plain_calls: int | None  # None: not counted


class PlainLinks(PairedRun):
    """The cost of links by name: bench/measure/cost/plain_links.py."""

    written_out: list[str]  # the frameworks whose links are written out, which are not measured
    pages: dict[str, dict[str, LinkCost]]


class Throughput(Record):
    """Requests per second of one target, and its time per request against the baseline's."""

    rps: float
    cpu_microseconds: float
    ratio: float
    low: float
    high: float
    verdict: str
    peak_mib: float | None = None  # none in results of earlier versions


class ClosedLoad(Record):
    """Throughput by number of connections: bench/measure/load/closed_loop.py."""

    page: str
    baseline: str
    control: str
    pinned: bool
    slice_seconds: float
    rounds: int
    failed: ByName
    connections: dict[str, dict[str, Throughput]]
    scaling: dict[str, ScalingCurve]


class Bounds(Record):
    """A confidence interval, in milliseconds."""

    low: float
    high: float


class Latency(Record):
    """Latency of one target: bench/measure/load/latency_summary.py."""

    rate_rps: float
    peak_rps: float | None
    scheduled: int
    answered: int
    wrong: int
    unanswered: int
    p50_ms: float | None
    p90_ms: float | None
    p99_ms: float | None
    p999_ms: float | None
    max_ms: float
    p50_interval_ms: Bounds | None
    p90_interval_ms: Bounds | None
    percentiles_ms: list[tuple[float, float]]
    lateness_p99_ms: float
    discarded_tries: int


class LoadCluster(Record):
    """The machines of a cluster that generated the load."""

    host: str
    workers: int
    machines: list[Machine]


class OpenLoad(Record):
    """Latency at a fixed rate: bench/measure/load/open_loop.py."""

    page: str
    peak_fraction: float | None
    baseline: str
    failed: ByName
    pinned: bool
    generator_capacity_rps: float
    generator_warning: str
    rounds: int
    round_seconds: float
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
    hardened: bool = True  # False: the sites as taught, by core steps and core facts


class FuzzFinding(Record):
    """A fault or a disagreement that hostile requests caused, with the shortest requests."""

    kind: str
    details: str
    sites: list[str]
    groups: dict[str, list[str]]
    count: int
    confirmed: bool
    requests: list[str]


class UsedFreedom(Record):
    """A declared freedom of the sites, and its number of uses."""

    description: str
    use_count: int


class Fuzz(Record):
    """Hostile requests to all sites: bench/conformance/fuzz/result.py."""

    seed: int
    sites: list[str]
    requests: int
    sent_requests: int
    duration_seconds: float
    statuses: dict[str, int]
    findings: list[FuzzFinding]
    unconfirmed: dict[str, int]
    freedoms: list[UsedFreedom]


class PatchedFile(Record):
    """A file that a patch changes, with the numbers of added and removed lines."""

    path: str
    added: int
    removed: int


class KataPatch(Record, kw_only=True):
    """The patch of one framework for a kata; with a problem, the patch does not count."""

    patch: str
    files: list[PatchedFile]
    names: list[str]  # of the framework and its dependencies, used by the added lines
    passed: int  # of the clauses of the kata
    clauses: int
    failed: ByName  # clause: reason, also of clauses of the contract
    core: LevelCount | None = None  # the core clauses of the contract; None: not run
    problem: str = ""


class Kata(Record):
    """A change request with its patches: bench/conformance/katas/."""

    title: str
    summary: str
    request: str
    shared_patch: str  # of shared_db/ and static/
    replaced: ByName  # clause of the contract that no longer holds: reason
    frameworks: dict[str, KataPatch]  # without the frameworks that have no patch


class VersionColumn(Record):
    """One version of a framework: what was named, from which source, and why it was not measured.

    The provenance of a checkout is the digest of its files, its commit, and whether it differs.
    """

    name: str  # the safe name, such as flask@2.3.3, which every command takes
    label: str  # as typed
    version: str  # installed, "" when the environment could not be built
    kind: str  # release, latest, locked, checkout, wheel or sdist
    python: str
    resolved_on: str = ""
    moves: list[str] = []  # the packages that came, went or moved beside the framework
    source_digest: str = ""
    commit: str = ""
    is_dirty: bool = False
    error: str = ""  # why the version could not be measured, in one line
    is_startable: bool = True  # False: installed, but its site does not start
    packages: list[InstalledPackage] = []


class VersionClause(Record):
    """A clause whose outcome is not the same in all versions."""

    clause: str
    site: str  # "hardened" or "as taught"
    group: str  # "core", or a hardening group
    outcomes: ByName  # by version
    reasons: ByName  # by version, for each outcome but passed


class VersionProbe(Record):
    """A probe, or a text of the JSON test suite, whose outcome is not the same in all versions."""

    id: str
    sentence: str
    group: str
    grade: str
    channels: list[str]  # the channels with these outcomes
    outcomes: ByName  # by version
    meets: dict[str, bool | None]
    requests: list[str]
    replies: dict[str, list[str]]


class VersionLines(Record):
    """The lines of a file of the app that ran in some versions and not in all."""

    file: str
    lines: dict[str, LineRanges]  # by version


class VersionStart(Startup):
    """Start and memory of a version, and the ratios to the first version, over rounds of starts."""

    start_ratio: Ratio | None = None
    memory_ratio: Ratio | None = None


class VersionChange(Record):
    """What changed from one version to the next."""

    before: str  # names of versions
    after: str
    kind: str  # clause, probe, cost, start, memory, size, package, calls or lines
    subject: str
    text: str
    verdict: str  # "worse", "better" or "changed"
    fails_gate: bool = False


class VersionComparison(Record, kw_only=True):
    """Versions of one framework, measured in one run: bench/cli/versions.py."""

    framework: str
    title: str
    created_at: str
    machine: Machine
    measured: list[str]  # contract, behaviour and cost, as far as each was measured
    columns: list[VersionColumn]
    clause_counts: dict[str, dict[str, dict[str, int]]]  # by site, version and outcome
    clauses: list[VersionClause]
    probe_count: int
    probes: list[VersionProbe]
    lines: list[VersionLines]
    cost: Cost | None
    repeated_costs: dict[str, dict[str, Ratio]]  # page, version: the ratio of a second run
    starts: dict[str, VersionStart]
    calls_by_layer: dict[str, dict[str, LayerCalls]]  # by page and version
    unmeasured: list[str]  # what could not be measured, each with its cause
    changes: list[VersionChange]


class ResultProvenance(Record):
    """The provenance of a result: bench/results/provenance.py."""

    processor: str
    cores: int
    system: str
    python: str
    code_digest: str
    harness_digest: str


class Results(Record, kw_only=True, omit_defaults=False):
    """Parts of results.json; a part that was not measured is UNSET, which is false."""

    schema: int = SCHEMA_VERSION
    created_at: str | UnsetType = UNSET
    machine: Machine | UnsetType = UNSET
    frameworks: dict[str, FrameworkFacts] | UnsetType = UNSET
    skipped: ByName | UnsetType = UNSET
    clauses: int | UnsetType = UNSET
    cost: Cost | UnsetType | None = UNSET
    behaviour: Behaviour | UnsetType = UNSET
    behaviour_changes: list[BehaviourChange] | UnsetType = UNSET
    limits: Limits | UnsetType = UNSET
    traces: Traces | UnsetType = UNSET
    startup: dict[str, Startup] | UnsetType = UNSET
    calls: dict[str, dict[str, CallCount]] | UnsetType = UNSET
    calls_by_layer: dict[str, dict[str, LayerCalls]] | UnsetType = UNSET
    layer_times: dict[str, dict[str, LayerTimes]] | UnsetType = UNSET
    repeated_work: dict[str, dict[str, dict[str, RepeatedWork]]] | UnsetType = UNSET
    scaling: dict[str, dict[str, ScalingCurve]] | UnsetType = UNSET
    instructions: Instructions | UnsetType = UNSET
    sensitivity: Sensitivity | UnsetType = UNSET
    hardening: Hardening | UnsetType = UNSET
    plain_links: PlainLinks | UnsetType = UNSET
    closed_loop: ClosedLoad | UnsetType = UNSET
    open_loop: OpenLoad | UnsetType = UNSET
    servers: Servers | UnsetType = UNSET
    differential: Differential | UnsetType = UNSET
    fuzz: Fuzz | UnsetType = UNSET
    katas: dict[str, Kata] | UnsetType = UNSET
    versions: dict[str, VersionComparison] | UnsetType = UNSET
    provenance: dict[str, dict[str, ResultProvenance]] | UnsetType = UNSET


class ComparedResults(Results, kw_only=True):
    """Results with the parts that `cookoff compare` writes; the report needs all of them."""

    created_at: str
    machine: Machine
    frameworks: dict[str, FrameworkFacts]
    skipped: ByName
    clauses: int
