"""The workbench: one site in a browser, the same requests sent to all frameworks, and compared."""
