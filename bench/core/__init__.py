"""Paths, errors, files, processes and tables, which every other package uses."""
