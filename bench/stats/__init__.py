"""Confidence intervals, shrinkage of variances, pairwise decisions, power laws."""
