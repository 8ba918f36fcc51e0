"""The walk: do all sites agree on a random journey, with each other and with a plain model?"""
