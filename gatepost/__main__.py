"""gatepost: the one command."""

import sys

from config.settings.error import ConfigError
from gatepost.command_line import asked_for


def main() -> None:
    """Run a command; a config that cannot be used ends with exit code 2 and every mistake listed."""
    try:
        asked_for(sys.argv[1:])()
    except ConfigError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
