"""Measure throughput, and latency at a fixed request rate, over HTTP."""
