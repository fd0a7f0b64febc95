"""The bad network keeps the order of a stream, whatever it does to it."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.ending import came, joined
from tests.patience import PATIENCE_S
from tests.proxy import Proxy


class Sink:
    """A server that keeps what it is sent."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.got = b""
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            try:
                while piece := connection.recv(65_536):
                    self.got += piece
            except ConnectionResetError:
                pass
        self.ended.set()

    def close(self) -> None:
        joined(self._thread)
        self._listener.close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    yield sink
    sink.close()


@pytest.fixture
def proxy(sink: Sink) -> Iterator[Proxy]:
    proxy = Proxy(sink.port)
    yield proxy
    proxy.close()


def test_pieces_do_not_overtake_each_other_when_the_delay_gets_shorter(
    proxy: Proxy, sink: Sink
) -> None:
    content = b"".join(f"{number:08}".encode() for number in range(2_000))
    with socket.create_connection(("127.0.0.1", proxy.port)) as client:
        proxy.delay_s = 0.3
        client.sendall(content[:8_000])
        time.sleep(0.1)
        proxy.delay_s = 0.0
        client.sendall(content[8_000:])
        until_s = time.monotonic() + PATIENCE_S
        while len(sink.got) < len(content) and time.monotonic() < until_s:
            time.sleep(0.01)
    assert sink.got == content


def test_half_a_piece_arrives_and_the_connection_ends(proxy: Proxy, sink: Sink) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port)) as client:
        proxy.halve_next()
        client.sendall(b"x" * 100)
        came(sink.ended, "the end of the connection")
    assert sink.got == b"x" * 50


def test_nothing_gets_through_in_silence_and_all_of_it_afterwards(proxy: Proxy, sink: Sink) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port)) as client:
        proxy.fall_silent()
        client.sendall(b"x" * 5_000)
        assert not sink.ended.wait(0.3)
        assert sink.got == b""
        proxy.speak_again()
        until_s = time.monotonic() + PATIENCE_S
        while len(sink.got) < 5_000 and time.monotonic() < until_s:
            time.sleep(0.01)
    assert sink.got == b"x" * 5_000
