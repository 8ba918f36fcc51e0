"""Tests, as a package of this name: one that a framework brings must not stand in its place."""
