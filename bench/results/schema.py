"""The names that results.json uses for what is not a framework, and for layers and ties."""

BASELINE = "bare"
CONTROL_PREFIX = "the twin of "
REPEAT_SUFFIX, SLOWED_SUFFIX = " again", " slowed"
FLOOR = "floor"
PRERENDERED = "bare without Jinja2"

LAYERS = ("server", "framework", "app", "template", "larder")

TIE = "no difference shown"
