"""What gates say that they have: who is answered, and when."""

from collector.processes.sync_requests import MAX_GATES, Gate, Wants
from sync.wire.session import Message

HERE = "gatepost/1/1"


def want(gate: str, body: bytes = b"{}") -> Message:
    return Message(
        topic=f"{HERE}/{gate}/up/want", payload=body, retained=False, packet_id=1, session=1
    )


def answered(wants: Wants) -> list[Gate]:
    return [gate for gate, _ in wants.due()]


def test_a_want_is_answered_once() -> None:
    wants = Wants()
    wants.hear(want("east-in"))
    assert answered(wants) == [(1, "east-in")]
    assert answered(wants) == []


def test_who_asks_the_same_again_waits_and_who_asks_for_something_else_does_not() -> None:
    wants = Wants()
    wants.hear(want("east-in"))
    answered(wants)
    wants.hear(want("east-in"))
    assert answered(wants) == []
    wants.hear(want("east-in", b'{"roster":5}'))
    assert answered(wants) == [(1, "east-in")]


def test_what_could_not_be_answered_is_due_again() -> None:
    wants = Wants()
    wants.hear(want("east-in"))
    assert next(wants.due())[0] == (1, "east-in")  # and the database is gone before the next one
    assert answered(wants) == [(1, "east-in")]


def test_whoever_invents_gates_fills_no_memory_and_drives_out_nobody_who_is_heard_again() -> None:
    wants = Wants()
    for number in range(MAX_GATES):
        wants.hear(want(f"invented-{number}"))
    wants.hear(want("east-in"))
    for number in range(MAX_GATES - 1):
        wants.hear(want(f"more-{number}"))
    wants.hear(want("east-in", b'{"roster":5}'))
    wants.hear(want("one-more"))
    due = answered(wants)
    assert len(due) == MAX_GATES
    assert (1, "east-in") in due
