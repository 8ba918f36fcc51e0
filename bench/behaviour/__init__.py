"""The behaviour atlas: what each framework does by default, shown by probes."""
