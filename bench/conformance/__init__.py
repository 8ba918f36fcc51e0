"""The contract, mutation testing, differential testing and fuzzing of the sites."""
