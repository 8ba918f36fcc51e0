"""Define the commands of `cookoff`, and the tables that the commands print."""
