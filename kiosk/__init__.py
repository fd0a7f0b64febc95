"""The gate program: poll, step, perform; assemble.py is the only place where concrete drivers meet."""
