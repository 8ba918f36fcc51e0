"""Send one shard of a load at the agreed time, and report the result.

The shard runs in its own process, so that nothing else in a cluster worker delays its requests.

Run: bench/measure/cluster/load_tasks.py runs `python -m bench.measure.load.shard_worker`.
"""

import sys
import threading
import time

from bench.agent.protocol import exit_with_parent, open_parent_channel, send_message
from bench.core.cpu_affinity import pin_load
from bench.measure.load.open_loop_generator import LoadGenerator, schedule
from bench.measure.load.shards import apply_start_delay, encode_result


def main() -> int:
    """Run the shard that the settings of the launch spec describe."""
    launch_spec, messages, replies = open_parent_channel()
    threading.Thread(target=exit_with_parent, args=[messages], daemon=True).start()
    settings = launch_spec["settings"]
    due_times = schedule(settings["rate"], settings["seconds"], settings["seed"])
    generator = LoadGenerator(tuple(settings["address"]), settings["request"].encode(), due_times)
    pin_load()
    wait = settings["starts_at"] - time.time()
    time.sleep(max(0.0, wait))
    result = apply_start_delay(generator.run(), -wait)
    send_message(replies, id=launch_spec["id"], **encode_result(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
