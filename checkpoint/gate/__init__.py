"""The life of a gate: one table of phases and events, and what each transition does."""
