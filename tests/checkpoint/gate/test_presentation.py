"""From what each frame shows to who presented what, once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.gate.presentation import ABSENCE_MS, ALONE_MS, InView, look

FRAME_MS = 80
A, B = "GP1:A", "GP1:B"
Codes = tuple[str, ...]


def watch(
    frames: list[Codes], *, busy: range = range(0), view: InView | None = None
) -> list[Codes]:
    """Whatever the frames present, one entry a frame that presents something."""
    seen = view or InView()
    presented = []
    for number, codes in enumerate(frames):
        seen, new = look(seen, codes, number * FRAME_MS, gate_is_free=number not in busy)
        if new:
            presented.append(new)
    return presented


def absent(milliseconds: int) -> list[Codes]:
    return [()] * (milliseconds // FRAME_MS)


def test_fault_09_a_pass_held_up_for_100_frames_is_one_presentation() -> None:
    assert watch([(A,)] * 100) == [(A,)]


def test_fault_09_frames_that_fail_to_decode_do_not_make_a_second_one() -> None:
    flicker: list[Codes] = [(A,), (), (), (A,), (), *absent(ABSENCE_MS - 200), (A,)] * 8
    assert watch(flicker) == [(A,)]


def test_fault_09_a_pass_held_up_while_its_bearer_is_served_is_not_taken_up_again() -> None:
    assert watch([(A,)] * 100, busy=range(1, 60)) == [(A,)]


def test_a_pass_that_was_away_long_enough_is_presented_again() -> None:
    assert watch([(A,), *absent(ABSENCE_MS + FRAME_MS), (A,)]) == [(A,), (A,)]


def test_the_next_bearer_in_a_queue_is_presented_at_once() -> None:
    assert watch([(A,), (A,), (B,)]) == [(A,), (B,)]


def test_a_pass_shown_while_the_gate_is_busy_is_taken_up_when_it_is_free() -> None:
    frames: list[Codes] = [*[(A,)] * 5, *[(B,)] * 20]
    assert watch(frames, busy=range(1, 20)) == [(A,), (B,)]


def test_a_pass_that_left_while_the_gate_was_busy_is_not_taken_up() -> None:
    frames: list[Codes] = [(A,)] * 5 + [(B,)] * 5 + [()] * 20
    assert watch(frames, busy=range(1, 20)) == [(A,)]


def test_fault_10_two_codes_in_one_frame_are_told_once_and_neither_is_taken_up() -> None:
    assert watch([(A, B)] * 50) == [(A, B)]


def test_fault_10_the_one_that_stays_is_taken_up_when_the_other_is_lowered() -> None:
    assert watch([(A, B)] * 10 + [(B,)] * 10) == [(A, B), (B,)]


def test_fault_10_a_code_beside_one_already_taken_up_asks_for_one_too() -> None:
    assert watch([(A,), (A, B), (A, B)]) == [(A,), (A, B)]


def test_several_codes_are_told_again_after_they_were_away() -> None:
    assert watch([(A, B), *absent(ABSENCE_MS + FRAME_MS), (A, B)]) == [(A, B), (A, B)]


def test_several_codes_while_the_gate_is_busy_are_told_when_it_is_free() -> None:
    assert watch([(A, B)] * 10, busy=range(5)) == [(A, B)]


@pytest.mark.parametrize("away_ms", [ABSENCE_MS - 1, ABSENCE_MS])
def test_the_absence_that_ends_a_presentation_is_exact(away_ms: int) -> None:
    view, first = look(InView(), (A,), 0, gate_is_free=True)
    view, none = look(view, (), away_ms, gate_is_free=True)
    _, again = look(view, (A,), away_ms, gate_is_free=True)
    assert (first, none) == ((A,), ())
    assert again == (() if away_ms < ABSENCE_MS else (A,))


FRAMES = st.lists(st.sampled_from([(), (A,), (B,), (A, B)]), max_size=60)


@given(frames=FRAMES, free=st.lists(st.booleans(), min_size=60, max_size=60))
def test_only_what_is_in_the_frame_is_presented_and_only_to_a_free_gate(
    frames: list[Codes], free: list[bool]
) -> None:
    view = InView()
    last_seen: dict[str, int] = {}
    for number, codes in enumerate(frames):
        now_ms = number * FRAME_MS
        view, new = look(view, codes, now_ms, gate_is_free=free[number])
        assert set(new) <= set(codes)
        assert free[number] or not new
        if len(new) == 1:
            assert now_ms - last_seen.get(new[0], -ABSENCE_MS) >= ABSENCE_MS
            last_seen[new[0]] = now_ms
        last_seen.update({code: now_ms for code in codes if code in last_seen})


def test_fault_10_of_two_codes_held_up_one_that_fails_to_decode_does_not_let_the_other_through() -> (
    None
):
    view, presented = look(InView(), ("A", "B"), 0, gate_is_free=True)
    assert presented == ("A", "B")
    for now_ms in range(50, 2000, 50):
        codes = ("A",) if now_ms % 200 else ("A", "B")
        view, presented = look(view, codes, now_ms, gate_is_free=True)
        assert presented == ()


def test_one_of_two_codes_is_taken_up_once_it_has_been_alone_for_a_while() -> None:
    view, _ = look(InView(), ("A", "B"), 0, gate_is_free=True)
    view, presented = look(view, ("A",), ALONE_MS - 1, gate_is_free=True)
    assert presented == ()
    _, presented = look(view, ("A",), ALONE_MS, gate_is_free=True)
    assert presented == ("A",)
