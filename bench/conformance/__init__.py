"""Test the sites: the contract, mutation testing, differential testing and fuzzing."""
