"""How much does a framework bear? Throughput, and latency at a fixed rate of arrival, over HTTP."""
