"""Which rosters a gate obeys."""

from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.entry_pass import key_id
from checkpoint.ids import CompoundId, HouseholdId, PersonId, Revision
from checkpoint.people import Colour, Household, Resident, Roster, RosterDocument
from sync.downlink.decisions import Accepted, Denied, Known, consider_roster
from sync.wire.signed import Purpose, sign

KEY, STRANGER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
KEYS = {key_id(KEY.public_key()): KEY.public_key()}
HERE = CompoundId(1)
HOME = Household(id=HouseholdId("H1"), building="1", unit="101", colour=Colour.GREEN)
WANG = Resident(id=PersonId("R1"), name="王*", household=HOME.id)


def body(**changes: Any) -> bytes:
    """A roster's JSON, revision 1000."""
    plain = RosterDocument(
        compound=HERE, revision=Revision(1000), households=(HOME,), residents=(WANG,)
    )
    return msgspec.json.encode({**msgspec.to_builtins(plain), **changes})


GENUINE = sign(Purpose.ROSTER, body(), KEY)


def consider(message: bytes, in_force: int | None = None) -> Accepted[Roster] | Known | Denied:
    return consider_roster(message, KEYS, HERE, None if in_force is None else Revision(in_force))


@pytest.mark.parametrize("in_force", [None, 999])
def test_a_genuine_newer_roster_is_obeyed(in_force: int | None) -> None:
    answer = consider(GENUINE, in_force)
    assert isinstance(answer, Accepted)
    assert answer.value.standing(WANG.id, 0).resident == WANG


def test_the_same_roster_again_changes_nothing() -> None:
    assert consider(GENUINE, 1000) == Known()


def test_fault_52_an_old_roster_is_refused() -> None:
    answer = consider(GENUINE, 1001)
    assert isinstance(answer, Denied)
    assert "older than 1001" in answer.why


@pytest.mark.parametrize("kept", [0, 1, len(GENUINE) // 2, len(GENUINE) - 1])
def test_fault_53_a_truncated_roster_is_refused(kept: int) -> None:
    assert isinstance(consider(GENUINE[:kept]), Denied)


@pytest.mark.parametrize(
    "message",
    [
        body(),
        sign(Purpose.ROSTER, body(), STRANGER),
        sign(Purpose.ACK, body(), KEY),
        GENUINE.replace(b"H1", b"H2"),
        GENUINE.replace(b"1000", b"2000"),
    ],
    ids=["unsigned", "by a stranger", "for another purpose", "edited", "made newer"],
)
def test_faults_21_53_a_roster_that_is_not_genuine_is_refused(message: bytes) -> None:
    assert isinstance(consider(message), Denied)


def test_another_compounds_roster_is_refused() -> None:
    answer = consider(sign(Purpose.ROSTER, body(compound=2), KEY))
    assert answer == Denied("the roster is for compound 2, this gate is in 1")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"null", "cannot be read"),
        (b"{", "cannot be read"),
        (b'{"x":' + b"[" * 100_000, "too deeply"),
        (body(residents=[]).replace(b'"H1"', b"7"), "cannot be read"),
        (body(households=[]), "no household H1"),
        (body(residents=[msgspec.to_builtins(WANG)] * 2), "stands twice"),
        (body(revision=2**70), "no time"),
        (body(revision=-1), "no time"),
    ],
    ids=["null", "no json", "nested", "other types", "homeless", "twice", "huge", "negative"],
)
def test_a_genuine_message_with_a_senseless_roster_is_refused_whole(
    content: bytes, says: str
) -> None:
    answer = consider(sign(Purpose.ROSTER, content, KEY))
    assert isinstance(answer, Denied)
    assert says in answer.why


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_refused_and_nothing_is_raised(message: bytes) -> None:
    assert isinstance(consider(message), Denied)


@given(st.integers(0, len(GENUINE) - 1), st.integers(1, 255))
def test_fault_53_no_changed_byte_passes(at: int, flip: int) -> None:
    changed = bytearray(GENUINE)
    changed[at] ^= flip
    assert not isinstance(consider(bytes(changed)), Accepted) or _means_the_same(bytes(changed))


def _means_the_same(message: bytes) -> bool:
    """Hex in capitals, or a letter of a key that nobody reads."""
    ours, theirs = msgspec.json.decode(GENUINE), msgspec.json.decode(message)
    return bool(theirs["body"] == ours["body"]) and bool(
        theirs["signature"].lower() == ours["signature"]
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
        max_leaves=20,
    )
)
def test_a_genuine_message_with_any_json_raises_nothing(content: object) -> None:
    message = sign(Purpose.ROSTER, msgspec.json.encode(content), KEY)
    assert isinstance(consider(message), Denied)
