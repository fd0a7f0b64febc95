"""Codes out of pictures, and scanners that read by themselves."""
