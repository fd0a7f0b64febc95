"""What the gate program reads from its files and writes to them: journal.db, sync.db, how its last run ended."""
