"""Teach a framework: blank the handlers of its app, and check what the learner writes."""
