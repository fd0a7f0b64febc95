"""Passwords and the throttle."""

import pytest

from collector.domain.accounts import (
    LONGEST_WAIT_S,
    hash_password,
    is_password,
    password_problem,
    wait_s,
)

_S = 1_000_000
_NOW = 1_700_000_000 * _S


@pytest.mark.parametrize(
    ("password", "fits"),
    [
        ("", False),
        ("admin", False),
        ("123456789", False),
        ("1111111111", False),
        ("1234567890", False),
        ("Password12", False),
        ("x" * 201, False),
        ("plum-blossom", True),
        ("春江花月夜落花满天飞", True),
    ],
)
def test_what_may_be_a_password(password: str, fits: bool) -> None:
    assert (password_problem(password) is None) is fits


def test_a_stored_password_is_argon2id_and_lets_only_itself_in() -> None:
    stored = hash_password("plum-blossom")
    assert stored.startswith("$argon2id$")
    assert is_password(stored, "plum-blossom")
    assert not is_password(stored, "plum-blossoms")
    assert not is_password(None, "plum-blossom")
    assert not is_password("not a hash", "plum-blossom")


@pytest.mark.parametrize(
    ("failures", "expected_s"), [(0, 0), (4, 0), (5, 2), (6, 4), (10, 64), (14, LONGEST_WAIT_S)]
)
def test_fault_59_every_further_guess_waits_twice_as_long(failures: int, expected_s: int) -> None:
    assert wait_s([_NOW - n for n in range(failures)], _NOW) == pytest.approx(expected_s)


def test_fault_59_waiting_or_a_quarter_of_an_hour_lets_somebody_try_again() -> None:
    failed = [_NOW - n * _S for n in range(5)]
    assert wait_s(failed, _NOW + 1 * _S) == pytest.approx(1)
    assert wait_s(failed, _NOW + 2 * _S) == 0
    assert wait_s(failed * 3, _NOW + 900 * _S) == 0
