"""What does one shard of a load do? It waits for the agreed moment, sends its share, and tells.

A process of its own, so that nothing else of a worker delays it.

Run: bench/measure/cluster/load_tasks.py does, as `python -m bench.measure.load.shard_worker`.
"""

import sys
import threading
import time

from bench.agent.protocol import exit_with_parent, open_parent_channel, send_message
from bench.core.cpu_affinity import pin_load
from bench.measure.load.open_loop_generator import LoadGenerator, schedule
from bench.measure.load.shards import apply_start_delay, encode_result


def main() -> int:
    """Run the shard that the order's settings describe."""
    order, orders, replies = open_parent_channel()
    threading.Thread(target=exit_with_parent, args=[orders], daemon=True).start()
    told = order["settings"]
    moments = schedule(told["rate"], told["seconds"], told["seed"])
    generator = LoadGenerator(tuple(told["address"]), told["request"].encode(), moments)
    pin_load()
    wait = told["starts_at"] - time.time()
    time.sleep(max(0.0, wait))
    send_message(
        replies, id=order["id"], **encode_result(apply_start_delay(generator.run(), -wait))
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
