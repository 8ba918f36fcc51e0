"""Write numbers with their nouns, "1 clause", "1,834 clauses", and the names of modules."""


def format_count(count: int, noun: str, plural: str = "") -> str:
    """Return a number and its noun; the plural is the noun with an s unless it is given."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def get_module_name(file: str) -> str:
    """Return the name of a file's module, such as "flask.app"; for a template, the file itself."""
    if not file.endswith(".py"):
        return file
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
