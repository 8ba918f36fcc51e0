"""Paths, errors, files, processes, tables: what every other package builds on."""
