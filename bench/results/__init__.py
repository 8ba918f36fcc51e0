"""The results file: its schema, its store, and how new results are merged into it."""
