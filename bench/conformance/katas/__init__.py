"""Katas: change requests, with clauses and with one patch for each framework."""
