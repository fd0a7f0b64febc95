"""gatepost pass: issue, verify, revoke, restore."""
