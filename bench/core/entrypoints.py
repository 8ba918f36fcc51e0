"""The modules that the harness starts by name, in another process or on another machine.

Neither a type checker nor import-linter sees these uses, so one table lists the modules, and a test
imports each of them.
"""

HTTP_HOST = "bench.agent.http_host"
SANDBOX = "bench.agent.sandbox"
WSGIREF_HOST = "bench.agent.wsgiref_host"
PROBE_WORKER = "bench.agent.probe_worker"
TIMING_WORKER = "bench.agent.timing_worker"
TRACE_WORKER = "bench.agent.trace_worker"
BLAME_WORKER = "bench.agent.blame_worker"
SERVER_ENTRYPOINT = "bench.agent.server_entrypoint"
FLOOR_APP = "bench.agent.floor_app"
PRERENDERED_APP = "bench.agent.prerendered_app"
NULL_SERVER = "bench.measure.load.null_server"
PROCESS_GUARD = "bench.measure.load.guard"
LOAD_SHARD = "bench.measure.load.shard_worker"
COST_TASKS = "bench.measure.cluster.cost_tasks"
LOAD_TASKS = "bench.measure.cluster.load_tasks"
FOLDER_GUARD = "bench.workbench.folder_guard"
