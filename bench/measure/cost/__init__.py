"""What does a framework add to a request? Every instrument that calls an application itself."""
