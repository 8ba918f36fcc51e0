"""The actions that a random sequence is made of."""
