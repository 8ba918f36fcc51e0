"""Facts of the site under test: its cookie, its form type, its staff and its token."""

COOKIE = "larder_session"
FORM = "application/x-www-form-urlencoded"
STAFF = {"username": "ada", "password": "leek-and-potato"}  # as in the seed
TOKEN = "Bearer kitchen-token-for-trying-out"  # as in the seed
