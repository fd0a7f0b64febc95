"""What the gates are told, decided without I/O."""
