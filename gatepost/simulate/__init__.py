"""gatepost simulate: load for a collector."""
