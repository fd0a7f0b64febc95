"""The gate's page: what residents and volunteers look at, and what they press."""
