"""Dispatch at work, in a thread of the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import URL

from collector.processes.dispatch import INTRODUCTION, DispatchProgram
from collector.store.database import opened_database
from sync.wire.link import Link
from sync.wire.session import Address, Connected, Introduction, LinkEvent
from tests.ending import came, joined


class _Link(Link):
    """One that can be waited for."""

    def __init__(self, address: Address, introduction: Introduction) -> None:
        self.is_connected = threading.Event()
        super().__init__(address, introduction)

    def next_event(self, timeout_s: float) -> LinkEvent | None:
        event = super().next_event(timeout_s)
        if isinstance(event, Connected):
            self.is_connected.set()
        return event


@contextmanager
def dispatching(url: URL, key: Ed25519PrivateKey, port: int) -> Iterator[None]:
    """Dispatch of this database listens, over the broker at this loopback port: what a gate says is heard."""
    link = _Link(Address("127.0.0.1", port), INTRODUCTION)
    with (
        opened_database(url, writes=False) as reading,
        opened_database(url, writes=True) as writing,
    ):
        program = DispatchProgram(reading, writing, key, link)
        stop = threading.Event()
        thread = threading.Thread(target=program.run, args=(stop,))
        thread.start()
        try:
            came(link.is_connected, "dispatch to reach the broker")
            yield
        finally:
            stop.set()
            joined(thread)
