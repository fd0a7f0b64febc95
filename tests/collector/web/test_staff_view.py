"""From query rows to the words on the staff page."""

from zoneinfo import ZoneInfo

import msgspec
import pytest

from checkpoint.ids import Revision, Seq
from checkpoint.records import (
    ClockSet,
    Device,
    DeviceChange,
    DeviceState,
    DownlinkRefused,
    JournalReplaced,
    Record,
    Result,
    RosterApplied,
    encode,
)
from checkpoint.verdict import Flag, Reason
from collector.store.log import LogRow
from collector.store.queries import AlertRow, GateRow
from collector.web.alert_view import alert_card
from collector.web.gate_view import gate_card
from collector.web.log_view import log_line
from collector.web.times import ago, clock_time, utc_us
from gatepost.collector.alert_lines import json_line, text_line
from tests.collector.journals import EPOCH, GATE, START_US, crossing, fever, passage, stamp
from ui.words import LANGUAGES, Language

ZONE = ZoneInfo("Asia/Shanghai")


def _row(record: Record | str | None) -> LogRow:
    body = encode(record) if isinstance(record, msgspec.Struct) else record
    return LogRow(id=7, gate=GATE, epoch=EPOCH, seq=Seq(1), body=body, received_us=START_US)


def _alert(**changes: object) -> AlertRow:
    alert = AlertRow(
        id=3,
        gate=GATE,
        code="FEVER",
        severity=3,
        subject="R1001",
        state="open",
        first_us=START_US,
        last_us=START_US + 60_000_000,
        count=2,
    )
    return msgspec.structs.replace(alert, **changes)


def test_a_fever_reads_as_staff_expect_it() -> None:
    line = log_line(_row(fever()), "en", ZONE)
    assert line.time == "2020-02-14 08:00:00"
    assert (line.tone, line.outcome, line.direction) == ("hold", "Held", "In")
    assert (line.who, line.detail, line.temperature) == ("R1001", "High temperature", "38.1 °C")
    assert line.flags == ("Fever",)
    assert not line.clock_doubtful


def test_a_time_that_was_corrected_is_shown_and_no_longer_doubtful() -> None:
    boot = passage(stamp=stamp(1_000_000, clock_synced=False))
    assert log_line(_row(boot), "en", ZONE).clock_doubtful
    line = log_line(msgspec.structs.replace(_row(boot), corrected_us=START_US), "en", ZONE)
    assert (line.time, line.clock_doubtful) == ("2020-02-14 08:00:00", False)


def test_a_clock_that_was_set_is_a_plain_line() -> None:
    line = log_line(_row(ClockSet(stamp=stamp())), "en", ZONE)
    assert (line.tone, line.detail) == ("plain", "Clock set")


def test_the_same_in_chinese() -> None:
    line = log_line(_row(fever()), "zh_CN", ZONE)
    assert (line.outcome, line.direction, line.detail) == ("暂缓", "进", "体温偏高")
    assert line.flags == ("发热",)


def test_a_code_that_is_no_genuine_pass_is_shown_by_its_fingerprint() -> None:
    forged = passage(
        result=Result.REFUSE,
        reason=Reason.FORGED,
        flags=(Flag.FORGED_PASS,),
        bearer=None,
        temperature_centicelsius=None,
    )
    line = log_line(_row(forged), "en", ZONE)
    assert (line.tone, line.who, line.temperature) == ("stop", "00ff00ff00ff00ff", "")


def test_what_became_of_the_door_is_a_line_of_its_own() -> None:
    line = log_line(_row(crossing()), "en", ZONE)
    assert (line.who, line.direction, line.detail) == ("R1001", "Out", "Nobody went through")


def test_an_unset_clock_is_said() -> None:
    assert log_line(_row(passage(stamp=stamp(clock_synced=False))), "en", ZONE).clock_doubtful


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("record", "tone", "holds"),
    [
        (DeviceChange(stamp=stamp(), device=Device.LOCK, state=DeviceState.OK), "plain", ""),
        (
            DeviceChange(
                stamp=stamp(), device=Device.LOCK, state=DeviceState.GONE, detail="no chip"
            ),
            "fault",
            "no chip",
        ),
        (JournalReplaced(stamp=stamp(), cause="damaged", rows_lost=4), "fault", "4"),
        (RosterApplied(stamp=stamp(), revision=Revision(1), residents=812), "plain", "812"),
        (DownlinkRefused(stamp=stamp(), what="roster", why="not signed"), "fault", "not signed"),
        (crossing(), "plain", ""),
        (None, "fault", ""),
        ("not JSON", "fault", ""),
    ],
)
def test_every_kind_of_record_has_a_line(
    record: Record | str | None, tone: str, holds: str, language: Language
) -> None:
    line = log_line(_row(record), language, ZONE)
    assert line.tone == tone
    assert line.detail
    assert holds in line.detail


def test_an_alert_says_what_where_how_often_and_what_to_do() -> None:
    card = alert_card(_alert(), "en", ZONE, START_US + 180_000_000)
    assert (card.severity, card.code, card.times) == ("Act now", "Fever", "2 times")
    assert (card.first, card.last) == ("2020-02-14 08:00:00", "2020-02-14 08:01:00")
    assert card.last_ago == "2 min ago"
    assert card.next_step.startswith("Call the gate")
    assert card.course == ""


def test_an_alert_that_somebody_sees_to_names_them() -> None:
    row = _alert(state="acknowledged", acknowledged_by="Li", acknowledged_us=START_US)
    card = alert_card(row, "en", ZONE, START_US)
    assert (card.course, card.course_at) == ("Li is on it", "2020-02-14 08:00:00")


def test_an_alert_of_a_later_version_is_shown_by_its_code() -> None:
    assert alert_card(_alert(code="METEORITE"), "zh_CN", ZONE, START_US).code == "METEORITE"


GATE_ROW = GateRow(
    gate=GATE,
    compound=1,
    online=True,
    last_seq=12,
    unsynced=3,
    devices={"lock": "gone", "barrier": "faulty", "camera": "ok"},
    seen_us=START_US,
)


@pytest.mark.parametrize(
    ("online", "seconds_ago", "state"),
    [(True, 0, "Online"), (True, 69, "Online"), (True, 71, "Late"), (False, 0, "Offline")],
)
def test_a_gate_is_online_late_or_offline(online: bool, seconds_ago: int, state: str) -> None:
    row = msgspec.structs.replace(GATE_ROW, online=online)
    assert gate_card(row, "en", ZONE, START_US + seconds_ago * 1_000_000).state == state


def test_a_gate_shows_only_the_devices_that_do_not_work() -> None:
    card = gate_card(GATE_ROW, "en", ZONE, START_US)
    assert card.troubles == ("barrier: faulty", "Lock: does not answer")
    assert card.unsynced == 3


@pytest.mark.parametrize(
    ("skew_us", "says", "right"),
    [
        (None, "Not known", True),
        (4_900_000, "Right", True),
        (-61_000_000, "61 s behind", False),
        (3_600_000_000, "3600 s ahead", False),
    ],
)
def test_a_gates_clock_is_compared_with_ours(skew_us: int | None, says: str, right: bool) -> None:
    card = gate_card(msgspec.structs.replace(GATE_ROW, skew_us=skew_us), "en", ZONE, START_US)
    assert (card.clock, card.clock_is_right) == (says, right)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s ago"),
        (119, "119 s ago"),
        (120, "2 min ago"),
        (7200, "2 h ago"),
        (864_000, "10 days ago"),
    ],
)
def test_how_long_ago_is_said_in_one_unit(seconds: int, text: str) -> None:
    assert ago(START_US, START_US + seconds * 1_000_000, "en") == text


def test_a_date_field_means_the_compounds_time() -> None:
    assert utc_us("2020-02-14T08:00", ZONE) == START_US
    assert utc_us("yesterday", ZONE) is None


@pytest.mark.parametrize("at_us", [2**62, -(2**62)])
def test_no_time_that_a_gate_claims_breaks_the_page(at_us: int) -> None:
    assert clock_time(at_us, ZONE) == "-"
    assert str(at_us) in json_line(_alert(first_us=at_us))


def test_an_alert_is_one_line_of_json_with_the_named_keys() -> None:
    line = msgspec.json.decode(json_line(_alert(subject="a\nb")))
    assert "\n" not in json_line(_alert(subject="a\nb"))
    assert line == {
        "id": 3,
        "gate": GATE,
        "code": "FEVER",
        "severity": "ACT_NOW",
        "subject": "a\nb",
        "state": "open",
        "first_at": "2020-02-14T00:00:00+00:00",
        "last_at": "2020-02-14T00:01:00+00:00",
        "count": 2,
    }


def test_an_alert_in_words_stays_one_line_whatever_its_subject() -> None:
    line = text_line(_alert(subject="\x1b[2J\n体"), "en")
    assert line == r"2020-02-14T00:00:00+00:00  gate-a  Act now: Fever (\x1b[2J\n体) ×2"
    assert "立即处理" in text_line(_alert(), "zh_CN")
