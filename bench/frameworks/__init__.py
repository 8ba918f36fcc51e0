"""Manifests, features, environments, packages and licenses of the frameworks."""
