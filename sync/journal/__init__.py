"""The gate's journal: written by the gate program alone, read by sync, opened with distrust."""
