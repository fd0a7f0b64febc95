"""Infrared thermometers, a file for each kind."""
