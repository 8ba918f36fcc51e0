"""Plots as SVG markup in the page's text colour."""
