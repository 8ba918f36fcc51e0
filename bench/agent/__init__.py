"""The code that runs inside a framework's environment."""
