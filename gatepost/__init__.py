"""The command line: one file a command."""

from importlib.metadata import version

VERSION = version("gatepost")
