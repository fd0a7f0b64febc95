"""What reaches a gate from the centre: what is decided of it, and the shell that listens."""
