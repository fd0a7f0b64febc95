"""The pure core: what a checkpoint knows and how it decides.

No I/O, no clock, no logging, no randomness: everything arrives as an argument.
"""
