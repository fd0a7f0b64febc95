"""Many gates in one process: real journals and uplinks over a real broker, for measuring and for load tests."""
