"""gatepost doctor: each part of a gate looked at, measured, and put into words."""
