"""A volunteer at a running gate: over HTTP as the page asks, with the rendered duty pass before the camera."""

import html
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from checkpoint.records import (
    Action,
    Cause,
    Crossing,
    DutyChange,
    Evidence,
    HandHeldTaken,
    Opened,
    Passage,
    Record,
    Resolution,
    Result,
    Undone,
    Visit,
)
from checkpoint.verdict import Reason
from config.key_files import SEALING_KEY, TRUST
from config.trust import load_trust
from kiosk.screen.fragments import Surface
from kiosk.screen.request_routes import RequestRoutes
from kiosk.screen.server import serve
from simulation.compound import VOLUNTEER, duty_pass
from sync.wire.sealed import unseal
from tests.ending import answer_of
from tests.kiosk.one_gate import OneGate, running_gate
from tests.patience import PATIENCE_S

TOKEN = "this start's"
FEVER = 38.2


class DutyPanel:
    """The gate's page as a volunteer uses it."""

    def __init__(self, gate: OneGate) -> None:
        self.gate = gate
        trust = load_trust(gate.compound.keys / TRUST)
        page = serve(
            gate.board, RequestRoutes(gate.request_queue, trust.sealing, TOKEN), 0, Surface()
        )
        assert page is not None
        self.page = page
        headers = {"X-Gatepost-Token": TOKEN, "Origin": page.address.rstrip("/")}
        self.client = httpx.Client(base_url=page.address, headers=headers, timeout=PATIENCE_S)
        self._hand = ThreadPoolExecutor(1)

    def close(self) -> None:
        self._hand.shutdown(wait=False)
        self.client.close()
        assert self.page.stop(), "the gate's page does not end; its log says what it hangs on"

    def ask(self, what: str, /, **fields: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.post("requests", json={"ask": what, **fields}).json()
        return answer

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get("state").json()
        return found

    def wait_for_state(self, key: str, value: object) -> None:
        """The loop publishes what it remembers after it has answered."""
        self.gate.wait(lambda: self.state()[key] == value)

    def case(self) -> int:
        """The newest person who is held."""
        return int(self.state()["cases"][-1]["case"])

    def sign(self, *, on: bool, showing: str = "") -> dict[str, Any]:
        """The own duty pass is shown if no other is."""
        self.gate.quiet()
        self.gate.wait(lambda: self.state()["phase"] == "Ready")
        asked = self._hand.submit(self.ask, "sign", on=on)
        self.gate.wait(lambda: self.state()["phase"] == "Signing")
        # Not before: a pass in view of a gate that waits for nobody's signature is one that wants in.
        self.gate.play(showing or duty_pass(self.gate.issuer), celsius=None)
        answer = answer_of(asked, "the gate to say who is on duty")
        self.gate.quiet()
        return answer

    def held(self, number: int, **scene: Any) -> int:
        """Somebody comes and is held; their case."""
        before = len(self.gate.passages())
        self.gate.play(self.gate.pass_of(number), **scene)
        assert self.gate.wait_for_passages(before + 1)[-1].result is Result.HOLD
        self.gate.quiet()
        self.gate.wait(lambda: self.state()["phase"] == "Ready")
        return self.case()

    def records(self, kind: type[Record]) -> list[Any]:
        return [record for record in self.gate.records() if isinstance(record, kind)]


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DutyPanel]:
    """One gate and one shift for all tests of this file: they come one after the other."""
    with running_gate(tmp_path_factory.mktemp("gate")) as gate:
        panel = DutyPanel(gate)
        yield panel
        panel.close()


def test_before_anybody_has_signed_on_nothing_is_decided(panel: DutyPanel) -> None:
    case = panel.held(1, celsius=FEVER)
    assert panel.ask("admit", case=case, reason="seen") == {
        "done": False,
        "objection": "NOBODY_ON_DUTY",
    }
    assert panel.gate.pulses() == 0


def test_a_residents_pass_signs_nobody_on(panel: DutyPanel) -> None:
    answer = panel.sign(on=True, showing=panel.gate.pass_of(0))
    assert answer["objection"] == "NOT_A_DUTY_PASS"
    assert panel.state()["on_duty"] == []


def test_a_volunteer_signs_on_with_the_own_pass_which_opens_nothing(panel: DutyPanel) -> None:
    assert panel.sign(on=True) == {"done": True}
    panel.wait_for_state("on_duty", [VOLUNTEER])
    [change] = panel.records(DutyChange)
    assert (change.person, change.on, change.left_on_duty, change.open_cases) == (
        VOLUNTEER,
        True,
        1,
        1,
    )
    assert panel.gate.pulses() == 0


def test_a_held_fever_goes_through_on_the_volunteers_word_with_name_and_reason(
    panel: DutyPanel,
) -> None:
    case = panel.case()
    assert panel.ask("admit", case=case, reason=" ")["objection"] == "REASON_MISSING"
    assert panel.ask("admit", case=case, reason="doctor has seen them", by="R0000000") == {
        "done": False,
        "objection": "NOT_ON_DUTY",
    }
    assert panel.ask("admit", case=case, reason="doctor has seen them") == {"done": True}
    [resolution] = panel.records(Resolution)
    assert (resolution.passage_at_us, resolution.action, resolution.by) == (
        case,
        Action.ADMIT,
        VOLUNTEER,
    )
    assert (resolution.reason, resolution.verdict) == ("doctor has seen them", Reason.FEVER)
    panel.gate.wait(lambda: panel.gate.lock_changes() == [True, False])
    panel.gate.wait(lambda: len(panel.records(Crossing)) == 1)
    [crossing] = panel.records(Crossing)
    assert crossing.passage_at_us == resolution.stamp.at_us
    assert (crossing.bearer.person, crossing.how) == ("R0000001", Evidence.RELOCK)
    panel.wait_for_state("cases", [])


def test_an_admission_that_is_undone_is_no_passage_any_more(panel: DutyPanel) -> None:
    assert panel.ask("undo") == {"done": True}
    [undone] = panel.records(Undone)
    assert undone.by == VOLUNTEER
    assert panel.records(Crossing)[-1].how is Evidence.UNDONE
    assert panel.ask("undo")["objection"] == "NOTHING_TO_UNDO"


def test_somebody_denied_comes_back_to_the_queue_when_that_is_undone(panel: DutyPanel) -> None:
    case = panel.held(2, celsius=FEVER)
    assert panel.ask("deny", case=case, reason="sent home") == {"done": True}
    assert panel.ask("deny", case=case, reason="sent home")["objection"] == "NO_SUCH_CASE"
    assert panel.ask("undo") == {"done": True}
    panel.gate.wait(lambda: bool(panel.state()["cases"]))
    assert panel.case() == case
    assert panel.ask("deny", case=case, reason="sent home after all") == {"done": True}


def test_a_hand_held_value_settles_what_a_silent_thermometer_could_not(panel: DutyPanel) -> None:
    case = panel.held(4, celsius=None, thermometer="unplugged")
    assert panel.ask("hand-held", case=case, centicelsius=9000)["objection"] == "OUT_OF_RANGE"
    pulses = panel.gate.pulses()
    assert panel.ask("hand-held", case=case, centicelsius=3660) == {"done": True}
    panel.gate.wait(lambda: panel.gate.pulses() == pulses + 1)
    [taken] = panel.records(HandHeldTaken)
    assert (taken.passage_at_us, taken.by, taken.centicelsius) == (case, VOLUNTEER, 3660)
    admitted = panel.records(Passage)[-1]
    assert (admitted.result, admitted.temperature_centicelsius) == (Result.ADMIT, 3660)
    assert admitted.readings[-1].sensor == "hand-held"


def test_a_hand_held_value_alone_never_lets_a_fever_through(panel: DutyPanel) -> None:
    case = panel.held(5, celsius=FEVER)
    pulses = panel.gate.pulses()
    assert panel.ask("hand-held", case=case, centicelsius=3650) == {"done": True}
    panel.gate.wait(lambda: panel.state()["cases"][-1]["celsius"][-1] == 36.5)
    assert panel.gate.pulses() == pulses
    assert panel.ask("deny", case=case, reason="to the clinic") == {"done": True}


def test_a_visitors_name_is_written_down_only_under_the_centres_seal(panel: DutyPanel) -> None:
    pulses = panel.gate.pulses()
    visit = {
        "visiting": "visitor",
        "household": "H1",
        "purpose": "repair",
        "name": "赵六",
        "phone": "13800001111",
        "centicelsius": 3650,
        "admit": True,
    }
    panel.gate.wait(lambda: panel.state()["phase"] == "Ready")
    assert panel.ask("register", **visit) == {"done": True}
    panel.gate.wait(lambda: panel.gate.pulses() == pulses + 1)
    [written] = panel.records(Visit)
    assert (written.result, written.by, written.household) == (Result.ADMIT, VOLUNTEER, "H1")
    journal = (panel.gate.settings.gate.data / "journal.db").read_bytes()
    wal = (panel.gate.settings.gate.data / "journal.db-wal").read_bytes()
    assert "赵六".encode() not in journal + wal
    assert b"13800001111" not in journal + wal
    key = load_pem_private_key((panel.gate.compound.keys / SEALING_KEY).read_bytes(), None)
    assert isinstance(key, X25519PrivateKey)
    assert json.loads(unseal(written.sealed, key)) == {"name": "赵六", "phone": "13800001111"}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"centicelsius": 3820}, Reason.FEVER),
        ({}, Reason.NO_READING),
        ({"centicelsius": 3300}, Reason.TOO_LOW),
    ],
)
def test_a_visitor_with_a_fever_or_without_a_temperature_is_noted_and_stays_outside(
    panel: DutyPanel, fields: dict[str, Any], reason: Reason
) -> None:
    panel.gate.wait(lambda: panel.state()["phase"] == "Ready")
    pulses = panel.gate.pulses()
    visit = {"visiting": "visitor", "household": None, "purpose": "visit", "admit": True}
    assert panel.ask("register", **visit, **fields) == {"done": True}
    written = panel.records(Visit)[-1]
    assert (written.result, written.reason) == (Result.HOLD, reason)
    assert panel.gate.pulses() == pulses


@pytest.mark.parametrize(
    ("visiting", "fields", "objection"),
    [
        ("visitor", {"count": -5}, "COUNT_OUT_OF_RANGE"),
        ("visitor", {"count": 0}, "COUNT_OUT_OF_RANGE"),
        ("visitor", {"count": 21}, "COUNT_OUT_OF_RANGE"),
        ("delivery", {"count": 201}, "COUNT_OUT_OF_RANGE"),
        ("vehicle", {"count": 61}, "COUNT_OUT_OF_RANGE"),
        ("visitor", {"centicelsius": 2999}, "OUT_OF_RANGE"),
        ("visitor", {"centicelsius": -3650}, "OUT_OF_RANGE"),
        ("vehicle", {"centicelsius": 4501}, "OUT_OF_RANGE"),
    ],
)
def test_counts_and_temperatures_that_cannot_be_are_not_written_down(
    panel: DutyPanel, visiting: str, fields: dict[str, int], objection: str
) -> None:
    before = len(panel.records(Visit))
    visit = {"visiting": visiting, "household": None, "purpose": "visit"}
    assert panel.ask("register", **visit, **fields)["objection"] == objection
    assert len(panel.records(Visit)) == before


def test_the_page_says_the_limits_that_the_gate_keeps(panel: DutyPanel) -> None:
    for language, count, degrees in (
        ("en", "from 1 to 20 visitors, 200 parcels", "30 to 45 °C"),
        ("zh_CN", "访客 1–20 人，包裹 1–200 件", "30–45 °C"),
    ):
        page = httpx.get(panel.page.address, params={"lang": language}).text
        said = json.loads(html.unescape(re.findall(r"data-objections='([^']*)'", page)[0]))
        assert count in said["COUNT_OUT_OF_RANGE"]
        assert degrees in said["OUT_OF_RANGE"]
        assert 'max="20"' in page
        assert 'max="200"' in page
        assert 'data-lowest="30" data-highest="45"' in page


def test_a_delivery_never_opens_the_door(panel: DutyPanel) -> None:
    pulses = panel.gate.pulses()
    parcels = {"visiting": "delivery", "household": "H2", "purpose": "SF Express", "count": 3}
    assert panel.ask("register", **parcels, admit=True) == {"done": True}
    written = panel.records(Visit)[-1]
    assert (written.result, written.count) == (None, 3)
    assert panel.gate.pulses() == pulses


def test_the_door_opens_for_somebody_unknown_with_name_and_reason(panel: DutyPanel) -> None:
    pulses = panel.gate.pulses()
    assert panel.ask("open", reason="ambulance") == {"done": True}
    panel.gate.wait(lambda: panel.gate.pulses() == pulses + 1)
    [opened] = panel.records(Opened)
    assert (opened.cause, opened.by, opened.reason) == (Cause.VOLUNTEER, VOLUNTEER, "ambulance")
    assert panel.ask("shut") == {"done": True}
    panel.gate.wait(lambda: not panel.gate.lock_changes()[-1])


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"[]", "send one JSON object"),
        (b"{", "send one JSON object"),
        (b'{"ask": "fly"}', "use one of admit, deny"),
        (b'{"ask": "admit", "case": 1}', "reason is missing"),
        (b'{"ask": "admit", "case": "x", "reason": "y"}', "Expected `int`"),
        (b'{"ask": "undo", "gate": "west"}', "no field 'gate'"),
        (b'{"ask": "open", "reason": "' + b"x" * 300 + b'"}', "longer than 200"),
        (
            b'{"ask": "register", "visiting": "visitor", "household": null, "purpose": "x", "name": 7}',
            "texts",
        ),
        (b'{"ask": "x' + b"x" * 20_000 + b'"}', "more than 16384 bytes"),
    ],
)
def test_a_request_that_cannot_be_understood_says_what_would_be_right(
    panel: DutyPanel, body: bytes, why: str
) -> None:
    answer = panel.client.post("requests", content=body)
    assert answer.status_code in {400, 413}
    assert why in answer.json()["why"]


def test_fault_58_without_this_starts_token_nothing_is_asked_or_told(panel: DutyPanel) -> None:
    before = len(panel.gate.records())
    for headers in ({"X-Gatepost-Token": "another start's"}, {"X-Gatepost-Token": ""}):
        asked = panel.client.post("requests", json={"ask": "open", "reason": "x"}, headers=headers)
        assert asked.status_code == 403
        assert panel.client.get("state", headers=headers).status_code == 403
    assert len(panel.gate.records()) == before


def test_the_last_volunteer_signs_off_and_the_gate_obeys_nobody(panel: DutyPanel) -> None:
    assert panel.sign(on=False) == {"done": True}
    assert panel.records(DutyChange)[-1].left_on_duty == 0
    assert panel.ask("open", reason="ambulance")["objection"] == "NOBODY_ON_DUTY"


def test_somebody_sent_aside_is_measured_again_on_request(tmp_path: Path) -> None:
    with running_gate(tmp_path) as gate:
        panel = DutyPanel(gate)
        panel.sign(on=True)
        case = panel.held(3, celsius=FEVER)
        gate.play(celsius=36.6)
        assert panel.ask("remeasure", case=case) == {"done": True}
        assert gate.wait_for_passages(2)[-1].result is Result.ADMIT
        panel.wait_for_state("cases", [])
        panel.close()


def test_whoever_was_on_duty_still_is_when_the_gate_starts_again(tmp_path: Path) -> None:
    gate = OneGate(tmp_path)
    gate.start()
    panel = DutyPanel(gate)
    panel.sign(on=True)
    gate.stop()
    gate.start()
    try:
        gate.wait(lambda: panel.state()["phase"] == "Ready")
        assert panel.ask("open", reason="ambulance") == {"done": True}
        assert panel.state()["on_duty"] == [VOLUNTEER]
    finally:
        panel.close()
        gate.stop()
        gate.store.close()
