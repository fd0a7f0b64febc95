"""A process that opens and writes the journal PATH while its files may not grow, and then again while they may.

It says "down" or "up", and at the end how many appends came to something while there was no room.
"""

import resource
import sys
from pathlib import Path

from sync.journal.opening import open_journal
from sync.journal.writer import JournalDown
from tests.sync.journal.journal_files import change

APPENDS = 400


def say_open(path: Path) -> None:
    try:
        journal, _ = open_journal(path, None)
        journal.close()
        print("up")
    except JournalDown:
        print("down")


def main(path: Path, most_bytes: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    say_open(path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    say_open(path)
    journal, _ = open_journal(path, None)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    written = 0
    for number in range(APPENDS):
        try:
            journal.append(change(number))
            written += 1
        except JournalDown:
            continue
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    journal.append(change(APPENDS))
    journal.close()
    print(written)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
