"""gatepost collector: the centre."""
