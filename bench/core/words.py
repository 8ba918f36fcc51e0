"""Write numbers with their nouns: "1 clause", "1,834 clauses"."""


def format_count(count: int, noun: str, plural: str = "") -> str:
    """Return a number and its noun; the plural is the noun with an s unless it is given."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
