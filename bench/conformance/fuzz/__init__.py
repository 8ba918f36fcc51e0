"""The fuzzer: send hostile requests to all sites at once and report what goes wrong."""
