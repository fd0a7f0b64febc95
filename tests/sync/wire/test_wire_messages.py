"""Topics and messages keep their bytes."""

import msgspec
import pytest

from checkpoint.chain import is_sound
from checkpoint.gate.commands import Command
from checkpoint.ids import CompoundId, GateId, HouseholdId
from checkpoint.people import Colour, Roster, RosterChange, RosterDocument
from sync.wire.downlink_messages import CrossingsUpdate, NoticesOrder, PolicyOrder, Want
from sync.wire.messages import Ack, Batch, StateMessage, down, down_to_all, gate_of, up
from tests.golden.read import vectors

UPLINK, SIGNED = vectors("uplink"), vectors("signed")
HERE = CompoundId(100), GateId("east-in")


@pytest.mark.parametrize(
    ("golden", "kind"),
    [
        (UPLINK["records"]["payload"], Batch),
        (UPLINK["state"]["payload"], StateMessage),
        (UPLINK["will"]["payload"], StateMessage),
        (SIGNED["messages"][0]["body"], Ack),
        (SIGNED["messages"][1]["body"], Ack),
        (SIGNED["messages"][2]["body"], Ack),
        (SIGNED["messages"][3]["body"], RosterDocument),
        (SIGNED["messages"][5]["body"], RosterChange),
        (SIGNED["messages"][6]["body"], RosterChange),
        (SIGNED["messages"][7]["body"], PolicyOrder),
        (SIGNED["messages"][8]["body"], NoticesOrder),
        (SIGNED["messages"][9]["body"], CrossingsUpdate),
        (SIGNED["messages"][10]["body"], CrossingsUpdate),
        (SIGNED["messages"][11]["body"], Command),
        (UPLINK["want"]["payload"], Want),
    ],
)
def test_a_golden_message_is_read_and_written_byte_for_byte(
    golden: str, kind: type[msgspec.Struct]
) -> None:
    assert msgspec.json.encode(msgspec.json.decode(golden, type=kind)).decode() == golden


def test_the_golden_topics_are_those_of_the_gate() -> None:
    assert up(*HERE, "records") == UPLINK["records"]["topic"]
    assert up(*HERE, "state") == UPLINK["state"]["topic"] == UPLINK["will"]["topic"]
    assert up(*HERE, "want") == UPLINK["want"]["topic"]
    for leaf, topic in SIGNED["topics"].items():
        own = leaf in {"ack", "command"}
        assert (down(*HERE, leaf) if own else down_to_all(HERE[0], leaf)) == topic


def test_the_golden_batch_holds_a_sound_row_and_the_range_before_it_as_missing() -> None:
    batch = msgspec.json.decode(UPLINK["records"]["payload"], type=Batch)
    assert all(is_sound(batch.epoch, row) for row in batch.records)
    assert batch.missing == ((1, batch.records[0].seq - 1),)


def test_the_golden_changes_lead_from_the_golden_roster_to_others() -> None:
    roster = Roster.of(msgspec.json.decode(SIGNED["messages"][3]["body"], type=RosterDocument))
    one, all_ = (
        msgspec.json.decode(SIGNED["messages"][n]["body"], type=RosterChange) for n in (5, 6)
    )
    assert roster.changed(one).households[HouseholdId("7-301")].colour is Colour.RED
    changed = roster.changed(all_)
    assert set(changed.residents) == {"P0000017", "P0000019"}
    assert set(changed.households) == {"7-301", "7-303"}
    assert changed.revoked == {("P0000017", 1)}


def test_the_golden_roster_is_in_order() -> None:
    document = msgspec.json.decode(SIGNED["messages"][3]["body"], type=RosterDocument)
    assert len(Roster.of(document).residents) == 2


def test_the_gate_is_read_from_its_topic() -> None:
    assert gate_of("gatepost/1/100/east-in/up/records") == HERE


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "gatepost/1/100/east-in/up",
        "gatepost/1/100/east-in/down/ack",
        "gatepost/2/100/east-in/up/records",
        "gatepost/1/x/east-in/up/records",
        "gatepost/1/0100/east-in/up/records",
        "gatepost/1/1_00/east-in/up/records",
        "gatepost/1/100/East In/up/records",
        "other/1/100/east-in/up/records",
        "gatepost/1/100/east-in/up/records/more",
    ],
)
def test_a_topic_that_is_no_gates_is_a_value_error(topic: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (split's own words tell enough)
        gate_of(topic)
