"""A process that forks writers of the journal PATH and kills each at a random moment, COUNT of them.

Each opens the journal as a gate does and says every row's hash once its append has returned. All that was said is
printed, one hash a line. Every second one is given until its first row, however slow the machine is, so that it dies
writing; the others may die while they open the file.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from sync.journal.opening import open_journal
from tests.sync.journal.journal_files import change

HASH_BYTES = 64


def write(path: Path, to: int) -> None:
    journal, _ = open_journal(path, None)
    for number in range(1_000_000):
        os.write(to, journal.append(change(number)).hash.encode())


def killed_writer(path: Path, *, after_first_row: bool) -> list[str]:
    read, to = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        write(path, to)
    os.close(to)
    first = os.read(read, HASH_BYTES).decode() if after_first_row else ""
    time.sleep(random.uniform(0, 0.06))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with os.fdopen(read) as pipe:
        said = first + pipe.read()
    return [said[at : at + HASH_BYTES] for at in range(0, len(said), HASH_BYTES)]


if __name__ == "__main__":
    for number in range(int(sys.argv[2])):
        for hash_ in killed_writer(Path(sys.argv[1]), after_first_row=number % 2 == 1):
            print(hash_)
