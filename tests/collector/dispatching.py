"""Dispatch at work, in a thread of the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import URL

from collector.dispatch_program import INTRODUCTION, DispatchProgram
from collector.store.database import open_database
from sync.link import Link
from sync.session import Address
from tests.patience import PATIENCE_S


@contextmanager
def dispatching(url: URL, key: Ed25519PrivateKey, port: int) -> Iterator[None]:
    """Dispatch of this database runs, over the broker at this loopback port."""
    program = DispatchProgram(
        open_database(url, writes=False),
        open_database(url, writes=True),
        key,
        Link(Address("127.0.0.1", port), INTRODUCTION),
    )
    stop = threading.Event()
    thread = threading.Thread(target=program.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
