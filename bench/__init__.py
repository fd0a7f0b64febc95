"""Benches: ./run bench NAME runs bench/NAME.py and prints figures; no test asserts a time."""
