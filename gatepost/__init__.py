"""The command line: one file a command."""

VERSION = "0.1.0"
