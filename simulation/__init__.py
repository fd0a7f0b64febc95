"""A played compound: its people, its world, its processes. What the demo, tests and benches share."""
