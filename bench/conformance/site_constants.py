"""Name facts of the site under test: its cookie, form type, staff account and API token."""

SESSION_COOKIE = "larder_session"
FORM_TYPE = "application/x-www-form-urlencoded"
STAFF_CREDENTIALS = {"username": "ada", "password": "leek-and-potato"}  # as in the seed
API_AUTHORIZATION = "Bearer kitchen-token-for-trying-out"  # as in the seed
