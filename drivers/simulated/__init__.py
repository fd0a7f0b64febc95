"""The simulated twins: one world, and the real drivers on parts that it moves."""
