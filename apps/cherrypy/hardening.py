"""Hardening."""


def harden(application):
    """Replace."""
