"""A whole compound on one machine: real broker, collector, gates and sync; only the world is simulated."""
