"""gatepost gate: a gate's two processes, and what the centre tells one gate to do."""
