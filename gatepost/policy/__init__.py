"""gatepost policy and gatepost explain: what a policy would do, and to whom."""
