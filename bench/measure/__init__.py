"""Instruments that measure cost, load and traces, and the workload they share."""
