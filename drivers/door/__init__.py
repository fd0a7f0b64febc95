"""What moves or tells of a door, on the machine's pins: relay, contact, button, lamps and buzzer."""
