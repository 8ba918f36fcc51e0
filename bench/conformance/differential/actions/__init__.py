"""Define the actions of random sequences."""
