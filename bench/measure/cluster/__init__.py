"""How is a measurement shared out among machines, and nothing lost? With Dask distributed."""
