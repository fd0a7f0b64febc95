"""up/want as gates, and whoever else is at the broker, may send it."""

import pytest

from checkpoint.ids import CompoundId, GateId, Revision
from collector.domain.dispatch.events import GateAsked
from collector.processes.want_message import MAX_CURSOR, read_want
from sync.wire.downlink_messages import Want

TOPIC = "gatepost/1/1/east-in/up/want"


def test_it_says_whose_it_is_and_what_it_has() -> None:
    asked = read_want(TOPIC, b'{"roster": 5, "passages": "db:2"}')
    want = Want(roster=Revision(5), passages="db:2")
    assert asked == GateAsked((CompoundId(1), GateId("east-in")), want)


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (TOPIC, b""),
        (TOPIC, b"[]"),
        (TOPIC, b'{"roster": "5"}'),
        (TOPIC, b'{"roster": -1}'),
        (TOPIC, b'{"policy": 9223372036854775807}'),
        (TOPIC, b'{"passages": "%s"}' % (b"x" * (MAX_CURSOR + 1))),
        (TOPIC, b'{"x":' + b"[" * 100_000),
        ("gatepost/1/99999/east-in/up/want", b"{}"),
        ("gatepost/1/1/East In/up/want", b"{}"),
    ],
)
def test_what_is_no_want_is_refused(topic: str, payload: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        read_want(topic, payload)
