"""The requests that every instrument sends, the testbed they run on, and the worker client."""
