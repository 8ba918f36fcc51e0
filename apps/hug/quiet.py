"""hug's source earns SyntaxWarnings the first time Python compiles it; import this before hug."""

import warnings

warnings.filterwarnings("ignore", category=SyntaxWarning, module=r".*[\\/]hug[\\/]")
