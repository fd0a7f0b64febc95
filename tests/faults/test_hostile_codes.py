"""QR codes with texts that aim at databases, pages and terminals, shown to a real gate (docs/faults.md, row 11)."""

import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from checkpoint.records import Passage, Result, decode
from checkpoint.verdict import Reason
from drivers.simulated.world import Scene, play_scene
from sync.journal.reader import JournalReader
from tests.broker import Broker
from tests.drivers.waiting import eventually
from tests.faults.chain import COLLECTOR, GATE, GATE_PROCESS, SYNC, Chain
from tests.patience import PATIENCE_S

HOSTILE = [
    "'); DROP TABLE records; DROP TABLE rows; --",
    "<script>fetch('/steal')</script><img src=x onerror=alert(1)>",
    '"}],"kind":"device"} {{7*7}} ${jndi:ldap://x} %s%n',
    "\x1b[2J\x1b]0;owned\x07 \u202e\u200b\ufeff 王\r\n",
    "GP1:" + "A" * 300,
    "../../../etc/passwd " + "9" * 300,
]
MARKS = ["DROP TABLE", "fetch(", "onerror", "jndi", "owned", "AAAAAAAA", "etc/passwd", "99999999"]


@pytest.fixture
def chain(tmp_path: Path, broker: Broker) -> Iterator[Chain]:
    chain = Chain(tmp_path, broker.port)
    config = chain.compound.gate_config(GATE)
    config.write_text(config.read_text().replace("result_seconds = 1.5", "result_seconds = 1"))
    for name in (COLLECTOR, SYNC, GATE_PROCESS):
        chain.start(name)
    yield chain
    chain.stop()


def passages(path: Path) -> list[Passage]:
    if not path.exists():
        return []
    reader = JournalReader.on(path)
    records = [decode(row.body) for _, row in reader.everything()]
    reader.close()
    return [record for record in records if isinstance(record, Passage)]


def page(port: int) -> str:
    """Once it is there: the staff's is served by a process of its own."""

    def answer() -> httpx.Response | None:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE_S)
        except httpx.ConnectError:
            return None

    return eventually(answer).text


def test_fault_11_hostile_texts_are_inert_in_journal_pages_and_collector(chain: Chain) -> None:
    world = chain.compound.world(GATE)
    for count, text in enumerate(HOSTILE, 1):
        play_scene(world, Scene(codes=(text,)))
        chain.wait(lambda count=count: len(passages(chain.journal)) >= count)  # type: ignore[misc]
        play_scene(world, Scene())
        time.sleep(1.2)  # the result stays on the screen for a second
    shown = passages(chain.journal)
    assert [(each.result, each.bearer) for each in shown] == [(Result.REFUSE, None)] * len(HOSTILE)
    assert {each.reason for each in shown} <= {Reason.UNKNOWN_CODE, Reason.MALFORMED}
    assert [each.code for each in shown] == [
        sha256(text.encode()).hexdigest()[:16] for text in HOSTILE
    ]
    chain.wait(lambda: chain.stored() == chain.journalled())
    assert chain.stored() == chain.journalled()
    everywhere = [
        page(chain.compound.page_ports[GATE]),
        page(chain.compound.staff_port),
        *(path.read_bytes().decode("latin-1") for path in _files(chain)),
    ]
    assert [mark for mark in MARKS if any(mark in text for text in everywhere)] == []


def _files(chain: Chain) -> list[Path]:
    """Everything that was written: databases, their WALs and the logs, but not the world itself."""
    folder = chain.compound.folder
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and chain.compound.world(GATE) not in path.parents
    ]
