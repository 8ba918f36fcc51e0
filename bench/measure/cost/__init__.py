"""The instruments that call an application without a server, and what a request costs in it."""
