"""sync.db: written by the sync process alone, read by the gate program."""
