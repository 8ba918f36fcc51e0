"""The names that results.json uses for what is not a framework, and for layers and ties."""

BASELINE = "bare"
TWIN = "the twin of "
AGAIN, SLOWED = " again", " slowed"
FLOOR = "floor"
PLAIN = "bare without Jinja2"

LAYERS = ("server", "framework", "app", "template", "larder")

TIE = "no difference shown"
