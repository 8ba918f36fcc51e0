"""The harness: finds the frameworks, serves them, and compares them; one question per module."""
