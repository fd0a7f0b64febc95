"""The staff page: a live log, alerts and gates, on loopback."""
