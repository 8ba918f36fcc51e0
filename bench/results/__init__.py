"""The results file: its schema, its store, and the merging of new results."""
