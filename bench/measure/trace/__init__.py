"""The instrument that traces one request, from the server to the handler and the database."""
