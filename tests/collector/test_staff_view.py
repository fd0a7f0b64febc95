"""From query rows to the words on the staff page."""

import msgspec
import pytest
from collector.web.view import alert_line, clock_time, gate_line, log_line

from checkpoint.ids import Revision, Seq
from checkpoint.records import (
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
from collector.alert_lines import json_line, text_line
from collector.store.queries import AlertRow, GateRow, LogRow
from tests.collector.journals import EPOCH, GATE, START_US, crossing, fever, passage, stamp
from ui.words import LANGUAGES, Language


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
    line = log_line(_row(fever()), "en")
    assert line.time == "2020-02-14 08:00:00"
    assert (line.tone, line.outcome, line.direction) == ("hold", "Held", "In")
    assert (line.who, line.detail, line.temperature) == ("R1001", "High temperature", "38.1 °C")
    assert line.flags == ("Fever",)
    assert not line.clock_doubtful


def test_the_same_in_chinese() -> None:
    line = log_line(_row(fever()), "zh_CN")
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
    line = log_line(_row(forged), "en")
    assert (line.tone, line.who, line.temperature) == ("stop", "00ff00ff00ff00ff", "")


def test_what_became_of_the_door_is_a_line_of_its_own() -> None:
    line = log_line(_row(crossing()), "en")
    assert (line.who, line.direction, line.detail) == ("R1001", "Out", "Nobody went through")


def test_an_unset_clock_is_said() -> None:
    assert log_line(_row(passage(stamp=stamp(clock_synced=False))), "en").clock_doubtful


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
    line = log_line(_row(record), language)
    assert line.tone == tone
    assert line.detail
    assert holds in line.detail


def test_an_alert_and_a_gate_have_their_lines() -> None:
    line = alert_line(_alert(), "en")
    assert (line.severity, line.code, line.count) == ("Act now", "Fever", 2)
    assert (line.first, line.last) == ("2020-02-14 08:00:00", "2020-02-14 08:01:00")
    gate = GateRow(
        gate=GATE,
        compound=1,
        online=False,
        last_seq=12,
        unsynced=3,
        devices={"lock": "gone", "barrier": "ok"},
        seen_us=START_US,
    )
    shown = gate_line(gate, "en")
    assert (shown.state, shown.unsynced) == ("Offline", 3)
    assert shown.devices == ("barrier: ok", "Lock: does not answer")


@pytest.mark.parametrize("at_us", [2**62, -(2**62)])
def test_no_time_that_a_gate_claims_breaks_the_page(at_us: int) -> None:
    assert clock_time(at_us) == "-"
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
