"""What gates say that they have: who is answered, and when."""

from collector.processes.sync_requests import MAX_GATES, Gate, SyncRequests
from sync.wire.session import Message

HERE = "gatepost/1/1"


def want(gate: str, body: bytes = b"{}") -> Message:
    return Message(
        topic=f"{HERE}/{gate}/up/want", payload=body, retained=False, packet_id=1, session=1
    )


def answered(sync_requests: SyncRequests) -> list[Gate]:
    return [gate for gate, _ in sync_requests.due()]


def test_a_want_is_answered_once() -> None:
    sync_requests = SyncRequests()
    sync_requests.hear(want("east-in"))
    assert answered(sync_requests) == [(1, "east-in")]
    assert answered(sync_requests) == []


def test_who_asks_the_same_again_waits_and_who_asks_for_something_else_does_not() -> None:
    sync_requests = SyncRequests()
    sync_requests.hear(want("east-in"))
    answered(sync_requests)
    sync_requests.hear(want("east-in"))
    assert answered(sync_requests) == []
    sync_requests.hear(want("east-in", b'{"roster":5}'))
    assert answered(sync_requests) == [(1, "east-in")]


def test_what_could_not_be_answered_is_due_again() -> None:
    sync_requests = SyncRequests()
    sync_requests.hear(want("east-in"))
    assert next(sync_requests.due())[0] == (
        1,
        "east-in",
    )  # and the database is gone before the next one
    assert answered(sync_requests) == [(1, "east-in")]


def test_whoever_invents_gates_fills_no_memory_and_drives_out_nobody_who_is_heard_again() -> None:
    sync_requests = SyncRequests()
    for number in range(MAX_GATES):
        sync_requests.hear(want(f"invented-{number}"))
    sync_requests.hear(want("east-in"))
    for number in range(MAX_GATES - 1):
        sync_requests.hear(want(f"more-{number}"))
    sync_requests.hear(want("east-in", b'{"roster":5}'))
    sync_requests.hear(want("one-more"))
    due = answered(sync_requests)
    assert len(due) == MAX_GATES
    assert (1, "east-in") in due
