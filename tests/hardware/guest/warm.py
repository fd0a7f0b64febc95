"""Starts our own commands as children that need not load everything anew: some ten seconds in an emulated machine.

Each line on standard input is a JSON object: arguments of ``gatepost``, the files to which it says what it says, and
whether the journal is to be written with synchronous=NORMAL, the counter-proof of the power cuts. The answer is the
child's process id. What a child runs is the command itself.

It is a grandchild, so that it falls to the agent, which has declared itself to be who looks after orphans: the agent
can signal it and be told how it ended, as with a child of its own.
"""

import json
import os
import sys
import traceback
from typing import Any

import kiosk.assemble
import kiosk.screen.server
import sync.program
from gatepost.__main__ import main
from sync.journal.writer import Journal

LOADED = (kiosk.assemble, kiosk.screen.server, sync.program)


def write_carelessly() -> None:
    """What the journal would be without its synchronous=FULL."""
    opened = Journal.on.__func__  # type: ignore[attr-defined]

    def on(cls: type[Journal], *arguments: object) -> Journal:
        journal: Journal = opened(cls, *arguments)
        journal._connection.execute("PRAGMA synchronous = NORMAL")
        return journal

    Journal.on = classmethod(on)  # type: ignore[assignment, method-assign]


def run(arguments: list[str], files: tuple[str, str], *, carelessly: bool) -> None:
    """Be that command; never returns."""
    os.setsid()
    said = [os.open(each, os.O_WRONLY | os.O_CREAT | os.O_APPEND) for each in files]
    for here, there in ((os.open(os.devnull, os.O_RDONLY), 0), (said[0], 1), (said[1], 2)):
        os.dup2(here, there)
    code = 1
    try:
        if carelessly:
            write_carelessly()
        sys.argv = ["gatepost", *arguments]
        main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:  # noqa: BLE001 (whatever it was, it must be read)
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def orphan(wanted: dict[str, Any]) -> None:
    """Leave the command to whoever looks after orphans, and say its process id."""
    between = os.fork()
    if between:
        os.waitpid(between, 0)
        return
    child = os.fork()
    if child == 0:
        run(wanted["arguments"], tuple(wanted["files"]), carelessly=wanted["carelessly"])
    print(child, flush=True)
    os._exit(0)


if __name__ == "__main__":
    print("warm", flush=True)
    for line in sys.stdin:
        orphan(json.loads(line))
