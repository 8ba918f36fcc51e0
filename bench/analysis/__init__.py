"""Metrics of the code of each app, and the lines that ran for each feature."""
