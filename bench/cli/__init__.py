"""The commands of `cookoff`, and the tables that they print."""
