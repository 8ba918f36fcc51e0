"""The tests, as a package, so that no package `tests` of a framework replaces it."""
