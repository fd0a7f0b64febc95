"""The connection that keeps trying: a real broker, a server that talks nonsense, a thread that dies."""

import ctypes
import gc
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.processes import free_port
from sync.wire.link import FIRST_WAIT_S, LONGEST_WAIT_S, Link, wait_s
from sync.wire.session import Address, Connected, Disconnected, Introduction, LinkEvent, Message
from tests.broker import Broker
from tests.ending import joined
from tests.patience import PATIENCE_S

CONNACK = b"\x20\x02\x00\x00"
TOPIC_THAT_IS_NO_TEXT = b"\x32\x08\x00\x02\xff\xfe\x00\x01hi"


@pytest.fixture
def link(broker: Broker) -> Iterator[Link]:
    link = Link(Address("127.0.0.1", broker.port), Introduction("gate", ["here"]))
    yield link
    link.close()


def next_of(link: Link, kind: type[LinkEvent]) -> LinkEvent:
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        if isinstance(event := link.next_event(0.1), kind):
            return event
    raise AssertionError(f"no {kind.__name__} came")


def test_what_is_published_arrives_and_is_settled(link: Link) -> None:
    next_of(link, Connected)
    link.publish("here", b"hello")
    message = next_of(link, Message)
    assert isinstance(message, Message)
    assert (message.topic, message.payload, message.retained) == ("here", b"hello", False)
    link.puback(message)


def test_a_broker_that_comes_back_is_taken_up_again_with_its_subscriptions(
    link: Link, broker: Broker
) -> None:
    next_of(link, Connected)
    broker.kill()
    next_of(link, Disconnected)
    link.publish("here", b"lost: only an acknowledgement counts")
    broker.start()
    next_of(link, Connected)
    link.publish("here", b"after")
    message = next_of(link, Message)
    assert isinstance(message, Message)
    assert message.payload == b"after"


def kill(thread: threading.Thread) -> None:
    """Have the interpreter raise SystemExit in it, which nothing in it catches."""
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    assert raise_in(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit)) == 1
    joined(thread)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_fault_57_a_thread_that_died_is_noticed_and_remade(link: Link) -> None:
    next_of(link, Connected)
    [thread] = [each for each in threading.enumerate() if each.name == "link"]
    kill(thread)
    assert next_of(link, Disconnected) == Disconnected("the thread of the connection died")
    next_of(link, Connected)
    link.publish("here", b"works again")
    next_of(link, Message)


def test_fault_57_a_server_that_makes_pahos_loop_fail_does_not_end_the_link() -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as rogue:
        link = Link(Address("127.0.0.1", port), Introduction("gate", ["here"]))
        connection, _ = rogue.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(CONNACK + TOPIC_THAT_IS_NO_TEXT)
            gone = next_of(link, Disconnected)
    assert isinstance(gone, Disconnected)
    assert "UnicodeDecodeError" in gone.why
    broker = Broker(port)
    broker.start()
    try:
        next_of(link, Connected)
    finally:
        link.close()
        broker.close()


def test_fault_57_a_connection_whose_loop_failed_is_closed_and_not_left_to_the_garbage_collector() -> (
    None
):
    port = free_port()
    gc.disable()
    try:
        with socket.create_server(("127.0.0.1", port)) as rogue:
            link = Link(Address("127.0.0.1", port), Introduction("gate", ["here"]))
            connection, _ = rogue.accept()
            with connection:
                connection.settimeout(PATIENCE_S)
                connection.recv(1000)
                connection.sendall(CONNACK + TOPIC_THAT_IS_NO_TEXT)
                while connection.recv(1000):
                    pass
    finally:
        gc.enable()
        link.close()


def test_a_broker_that_is_not_there_is_named_with_the_keys_of_its_address() -> None:
    port = free_port()
    link = Link(Address("127.0.0.1", port), Introduction("gate", []))
    event = next_of(link, Disconnected)
    link.close()
    assert event == Disconnected(f"nobody answers at 127.0.0.1:{port} (broker.host, broker.port)")


def test_a_link_that_is_closed_while_it_connects_ends(broker: Broker) -> None:
    for _ in range(20):
        link = Link(Address("127.0.0.1", broker.port), Introduction("gate", []))
        link.close()
        assert not [each for each in threading.enumerate() if each.name == "link"]


@given(failures=st.integers(0, 10_000), chance=st.floats(0, 1))
def test_waits_grow_to_half_a_minute_and_differ_by_up_to_half(failures: int, chance: float) -> None:
    longest_s = wait_s(failures, 1.0)
    assert FIRST_WAIT_S <= longest_s <= LONGEST_WAIT_S
    assert longest_s / 2 <= wait_s(failures, chance) <= longest_s
    assert wait_s(failures + 1, chance) >= wait_s(failures, chance)
