"""Starts our own commands as children that need not load everything anew: some ten seconds in an emulated machine.

Each line on standard input is a JSON object: arguments of ``gatepost``, the log's path, and whether the journal
is to be written with synchronous=NORMAL, the counter-proof of the power cuts. What a child runs is the command itself.
"""

import json
import os
import sys
import traceback

import kiosk.assemble
import kiosk.screen.server
import sync.program
from gatepost.__main__ import main
from sync.journal import Journal

LOADED = (kiosk.assemble, kiosk.screen.server, sync.program)


def write_carelessly() -> None:
    """What the journal would be without its synchronous=FULL."""
    opened = Journal.on.__func__  # type: ignore[attr-defined]

    def on(cls: type[Journal], *arguments: object) -> Journal:
        journal: Journal = opened(cls, *arguments)
        journal._connection.execute("PRAGMA synchronous = NORMAL")
        return journal

    Journal.on = classmethod(on)  # type: ignore[assignment, method-assign]


def run(arguments: list[str], log: str, *, carelessly: bool) -> None:
    """Be that command; never returns."""
    os.setsid()
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (said, 1), (said, 2)):
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
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    print("warm", flush=True)
    for line in sys.stdin:
        wanted = json.loads(line)
        if os.fork() == 0:
            run(wanted["arguments"], wanted["log"], carelessly=wanted["carelessly"])
