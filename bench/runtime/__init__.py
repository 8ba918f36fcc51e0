"""Start, monitor, switch and stop the processes that serve a site."""
