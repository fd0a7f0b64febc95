"""What travels between a gate and its collector: messages, signatures, seals, and the MQTT connection."""
