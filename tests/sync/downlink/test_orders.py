"""Roster changes, policy, notices, passages and commands: what a gate makes of each message."""

from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.entry_pass import key_id
from checkpoint.gate.commands import Command
from checkpoint.ids import CommandId, CompoundId, GateId, HouseholdId, PersonId, Revision
from checkpoint.people import (
    Colour,
    Household,
    Resident,
    Roster,
    RosterChange,
    RosterDocument,
)
from checkpoint.policy import Policy
from checkpoint.records import CommandKind
from config.policies import load_policy
from sync.downlink.decisions import (
    Accepted,
    Denied,
    Known,
    Missing,
    consider_change,
    consider_command,
    consider_notices,
    consider_passages,
    consider_policy,
    rebuild_roster,
)
from sync.wire.downlink_messages import CrossingsUpdate, NoticesOrder, PolicyOrder
from sync.wire.signed import Purpose, sign

KEY, STRANGER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
KEYS = {key_id(KEY.public_key()): KEY.public_key()}
HERE, GATE = CompoundId(1), GateId("east-in")
HOME = Household(id=HouseholdId("H1"), building="1", unit="101")
WANG = Resident(id=PersonId("R1"), name="王*", household=HOME.id)
LI = Resident(id=PersonId("R2"), name="李*", household=HOME.id)
WHOLE = RosterDocument(
    compound=HERE, revision=Revision(1000), households=(HOME,), residents=(WANG,)
)


def signed(purpose: Purpose, body: msgspec.Struct, key: Ed25519PrivateKey = KEY) -> bytes:
    return sign(purpose, msgspec.json.encode(body), key)


def change(base: int, revision: int, compound: int = HERE, **fields: Any) -> RosterChange:
    return RosterChange(
        compound=CompoundId(compound), base=Revision(base), revision=Revision(revision), **fields
    )


def consider(
    changes: RosterChange, roster: Roster | None
) -> Accepted[Roster] | Known | Missing | Denied:
    return consider_change(signed(Purpose.ROSTER_CHANGE, changes), KEYS, HERE, roster)


def test_a_change_of_colour_is_obeyed_and_leaves_everything_else() -> None:
    red = msgspec.structs.replace(HOME, colour=Colour.RED)
    answer = consider(change(1000, 2000, households=(red,)), Roster.of(WHOLE))
    assert isinstance(answer, Accepted)
    standing = answer.value.standing(WANG.id, 0)
    assert (standing.household, standing.resident) == (red, WANG)
    assert answer.value.revision == 2000


@pytest.mark.parametrize(
    ("base", "revision", "in_force", "answer"),
    [
        (900, 2000, 1000, Missing),
        (1000, 2000, 1000, Accepted),
        (1001, 2000, 1000, Missing),
        (900, 1000, 1000, Known),
        (900, 999, 1000, Known),
        (900, 2000, None, Missing),
    ],
)
def test_a_change_fits_the_roster_that_it_rests_on_and_no_other(
    base: int, revision: int, in_force: int | None, answer: type[object]
) -> None:
    roster = None if in_force is None else Roster.of(WHOLE)
    assert isinstance(consider(change(base, revision), roster), answer)


def test_people_come_and_go_and_passes_are_revoked_and_restored() -> None:
    roster = Roster.of(WHOLE)
    for step in (
        change(1000, 2000, residents=(LI,), revoked=((LI.id, 3),)),
        change(2000, 3000, gone_residents=(WANG.id,), restored=((LI.id, 3),), revoked=()),
    ):
        answer = consider(step, roster)
        assert isinstance(answer, Accepted)
        roster = answer.value
    assert roster.standing(WANG.id, 0).resident is None
    assert roster.standing(LI.id, 3).revoked is False


def test_a_change_that_would_leave_somebody_without_their_household_is_refused() -> None:
    answer = consider(change(1000, 2000, gone_households=(HOME.id,)), Roster.of(WHOLE))
    assert answer == Denied("the roster change cannot be read: resident R1: no household H1")


def test_fault_53_a_change_that_is_not_genuine_or_of_another_compound_is_refused() -> None:
    roster = Roster.of(WHOLE)
    good = signed(Purpose.ROSTER_CHANGE, change(1000, 2000))
    for message in (
        good[:-10],
        good.replace(b"2000", b"2001"),
        signed(Purpose.ROSTER_CHANGE, change(1000, 2000), STRANGER),
        signed(Purpose.ROSTER, change(1000, 2000)),
        signed(Purpose.ROSTER_CHANGE, change(1000, 2000, compound=2)),
    ):
        assert isinstance(consider_change(message, KEYS, HERE, roster), Denied)


def test_a_roster_is_rebuilt_of_the_whole_one_and_its_changes() -> None:
    red, white = (msgspec.structs.replace(HOME, colour=c) for c in (Colour.RED, Colour.WHITE))
    whole = signed(Purpose.ROSTER, WHOLE)
    first = signed(Purpose.ROSTER_CHANGE, change(1000, 2000, households=(red,)))
    second = signed(Purpose.ROSTER_CHANGE, change(2000, 3000, households=(white,)))
    answer = rebuild_roster(whole, [first, second], KEYS, HERE)
    assert isinstance(answer, Accepted)
    assert (answer.value.revision, answer.value.households[HOME.id].colour) == (3000, Colour.WHITE)
    assert isinstance(rebuild_roster(whole, [second], KEYS, HERE), Denied), "one is gone"
    edited = second.replace(b"white", b"green")
    assert isinstance(rebuild_roster(whole, [first, edited], KEYS, HERE), Denied)


@given(st.lists(st.sampled_from(Colour), min_size=1, max_size=6), st.integers(0, 5))
def test_whatever_has_been_missed_the_latest_change_leads_to_the_same_roster(
    colours: list[Colour], seen: int
) -> None:
    """The centre's changes hold all that is different from their base, so some may be lost."""
    roster = Roster.of(WHOLE)
    homes = [msgspec.structs.replace(HOME, colour=colour) for colour in colours]
    for number, home in enumerate(homes[:seen], start=1):
        answer = consider(change(999 + number, 1000 + number, households=(home,)), roster)
        assert isinstance(answer, Accepted)
        roster = answer.value
    last = change(roster.revision, 1000 + len(homes), households=tuple(homes[-1:]))
    answer = consider(last, roster)
    assert isinstance(answer, Accepted if seen < len(homes) else Known)
    roster = answer.value if isinstance(answer, Accepted) else roster
    assert roster.households == {HOME.id: homes[-1]}


@pytest.mark.parametrize(
    "name", ["ordinary", "sealed", "one-outing-a-day", "every-two-days-1h", "every-two-days-3h"]
)
def test_every_preset_comes_down_as_it_is(name: str) -> None:
    policy = msgspec.structs.replace(load_policy(name), revision=Revision(5))
    message = signed(Purpose.POLICY, PolicyOrder(compound=HERE, policy=policy))
    assert consider_policy(message, KEYS, HERE, None) == Accepted(policy)
    assert consider_policy(message, KEYS, HERE, Revision(5)) == Known()


def test_fault_21_an_older_or_edited_policy_is_refused() -> None:
    policy = Policy(name="strict", revision=Revision(5))
    message = signed(Purpose.POLICY, PolicyOrder(compound=HERE, policy=policy))
    old = consider_policy(message, KEYS, HERE, Revision(6))
    assert isinstance(old, Denied)
    assert old.only_old
    assert isinstance(consider_policy(message.replace(b"5", b"7"), KEYS, HERE, None), Denied)
    nowhere = msgspec.structs.replace(policy, timezone="Mars/Base")
    message = signed(Purpose.POLICY, PolicyOrder(compound=HERE, policy=nowhere))
    assert "Mars/Base" in str(consider_policy(message, KEYS, HERE, None))


@pytest.mark.parametrize(
    ("notices", "accepted"),
    [
        ((), True),
        (("今天下午核酸检测",), True),
        (("a", "b", "c", "d"), True),
        (("a", "b", "c", "d", "e"), False),
        (("",), False),
        (("x" * 121,), False),
    ],
)
def test_notices_must_have_room_on_the_page(notices: tuple[str, ...], *, accepted: bool) -> None:
    order = NoticesOrder(compound=HERE, revision=Revision(5), notices=notices)
    answer = consider_notices(signed(Purpose.NOTICES, order), KEYS, HERE, None)
    assert isinstance(answer, Accepted) is accepted


def test_a_page_of_passages_must_be_genuine_and_of_this_compound() -> None:
    page = CrossingsUpdate(compound=HERE, at_us=1, after="", upto="db:1", entries=())
    assert consider_passages(signed(Purpose.PASSAGES, page), KEYS, HERE) == Accepted(page)
    elsewhere = msgspec.structs.replace(page, compound=CompoundId(2))
    for message in (signed(Purpose.PASSAGES, page, STRANGER), signed(Purpose.PASSAGES, elsewhere)):
        assert isinstance(consider_passages(message, KEYS, HERE), Denied)


def command(**changes: Any) -> Command:
    fields: dict[str, Any] = {
        "gate": GATE,
        "id": CommandId("7b0f4c0e-93a5-4a38-8f5b-5c0f1a9e2d41"),
        "kind": CommandKind.OPEN,
        "issued_us": 1_000_000,
        "expires_us": 31_000_000,
        "issued_by": "chen",
    }
    return Command(**{**fields, **changes})


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (signed(Purpose.COMMAND, command(), STRANGER), "not trusted"),
        (signed(Purpose.ACK, command()), "signature"),
        (signed(Purpose.COMMAND, command(gate=GateId("west-in"))), "west-in"),
        (signed(Purpose.COMMAND, command(expires_us=99_000_000)), "expires later"),
        (signed(Purpose.COMMAND, command(id=CommandId("x" * 65))), "UUID"),
        (b"[" * 100_000, "no signed message"),
    ],
    ids=["stranger", "other purpose", "other gate", "too long", "odd id", "nested"],
)
def test_a_command_that_is_not_for_this_gate_now_is_refused(message: bytes, why: str) -> None:
    answer = consider_command(message, KEYS, GATE)
    assert isinstance(answer, Denied)
    assert why in answer.why


@given(st.binary(max_size=300))
def test_whatever_arrives_is_answered_and_nothing_is_raised(junk: bytes) -> None:
    wrapped = sign(Purpose.COMMAND, junk.decode("utf-8", "replace").encode(), KEY)
    for message in (junk, wrapped):
        assert isinstance(consider_command(message, KEYS, GATE), Denied)
        assert isinstance(consider_policy(message, KEYS, HERE, None), Denied)
        assert isinstance(consider_change(message, KEYS, HERE, None), Denied)
