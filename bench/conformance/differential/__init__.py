"""Send the same random sequences of requests to all sites, and compare the sites and a model."""
