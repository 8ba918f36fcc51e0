"""Suppress SyntaxWarnings of hug's source at its first compilation; import this before hug."""

import warnings

warnings.filterwarnings("ignore", category=SyntaxWarning, module=r".*[\\/]hug[\\/]")
