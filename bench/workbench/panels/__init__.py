"""The panels of the workbench, each with what its template shows about one request."""
