"""The gate's page: its words as pure data, and the page itself over real HTTP."""

from collections.abc import Iterator
from typing import Final

import httpx
import pytest

from checkpoint.entry_pass import Kind
from checkpoint.ids import CompoundId, HouseholdId, PersonId, Revision
from checkpoint.lane import Face, Show
from checkpoint.people import Household, Resident, Standing
from checkpoint.policy import Direction
from checkpoint.records import Basis, Bearer, Device, DeviceState, Passage, Result, Stamp
from checkpoint.verdict import Reason
from kiosk.desk import Desk
from kiosk.health import DeviceReport
from kiosk.screen.asking import Asking
from kiosk.screen.board import LAST_PASSAGES, Board
from kiosk.screen.server import serve
from kiosk.screen.view import health_lamps, passage_line, resident_view
from ui.words import LANGUAGES, Language

HOME: Final = Household(id=HouseholdId("H1"), building="3", unit="201")
WANG: Final = Resident(id=PersonId("R1"), name="王**", household=HouseholdId("H1"))
KNOWN: Final = Standing(WANG, HOME)
STAMP: Final = Stamp(
    at_us=1_772_323_200_000_000,  # 2026-03-01 00:00 UTC, eight in the morning in Shanghai
    boot_id="b",
    uptime_ms=1,
    clock_synced=True,
    policy_revision=Revision(0),
    roster_revision=None,
)
ASKING = Asking(Desk(), None, "token")


PASSAGE: Final = Passage(
    stamp=STAMP,
    direction=Direction.IN,
    direction_basis=Basis.LANE,
    result=Result.ADMIT,
    reason=None,
    code="0" * 16,
    bearer=Bearer(person=PersonId("R1"), serial=1, compound=CompoundId(1), kind=Kind.RESIDENT),
    temperature_centicelsius=3660,
)
ADMITTED: Final = Show(
    Face.PASS, result=Result.ADMIT, standing=KNOWN, temperature_centicelsius=3660
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", Reason)
def test_whoever_is_stopped_reads_a_word_and_the_next_step(
    reason: Reason, language: Language
) -> None:
    show = Show(Face.STOP, result=Result.HOLD, reason=reason)
    view = resident_view(show, language, camera_works=True)
    assert view.reason
    assert view.next_step
    assert view.face == "stop"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_face_differs_in_icon_and_word(language: Language) -> None:
    shows = [Show(face, reason=Reason.FEVER if "stop" in face.value else None) for face in Face]
    views = [resident_view(show, language, camera_works=True) for show in shows]
    assert len({view.icon for view in views}) == len(Face)
    assert len({view.main for view in views}) == len(Face)


def test_a_gate_without_its_camera_never_looks_ready() -> None:
    assert resident_view(Show(Face.READY), "en", camera_works=False).face == "fault"
    assert resident_view(ADMITTED, "en", camera_works=False).face == "pass"


def test_an_admitted_resident_sees_masked_name_home_and_temperature_with_its_unit() -> None:
    view = resident_view(ADMITTED, "en", camera_works=True)
    assert (view.who, view.home, view.temperature) == ("王**", "3-201", "36.6 °C")


def test_a_second_measurement_is_announced_as_one() -> None:
    first = resident_view(Show(Face.CHECKING, attempt=1), "en", camera_works=True)
    second = resident_view(Show(Face.CHECKING, attempt=2), "en", camera_works=True)
    assert first.next_step != second.next_step


def test_a_line_of_the_list_is_in_the_compounds_time() -> None:
    line = passage_line(PASSAGE, ADMITTED, "zh_CN", "Asia/Shanghai")
    assert (line.time, line.result_word, line.who) == ("08:00:00", "放行", "王**")


def test_a_clock_that_is_not_set_gets_a_lamp_of_its_own() -> None:
    states = [(Device.CAMERA, DeviceState.OK, "")]
    assert len(health_lamps(states, "en", clock_synced=True)) == 1
    assert [lamp.state for lamp in health_lamps(states, "en", clock_synced=False)] == [
        "ok",
        "faulty",
    ]


def test_the_list_keeps_the_newest_passages_on_top() -> None:
    board = Board("east-in", "Asia/Shanghai")
    for _ in range(LAST_PASSAGES + 3):
        board.passed(PASSAGE, ADMITTED)
    assert len(board.view("en").passages) == LAST_PASSAGES


@pytest.fixture(scope="module")
def board() -> Board:
    board = Board("east-in", "Asia/Shanghai")
    board.health((DeviceReport(Device.CAMERA, DeviceState.OK),), clock_synced=True)
    return board


@pytest.fixture(scope="module")
def page(board: Board) -> Iterator[httpx.Client]:
    address = serve(board, ASKING, 0, "zh_CN")
    assert address is not None
    with httpx.Client(base_url=address, timeout=5) as client:
        yield client


def test_the_page_speaks_the_configured_language_and_the_one_asked_for(page: httpx.Client) -> None:
    assert "请出示通行证" in page.get("/").text
    assert "Show your pass" in page.get("/?lang=en").text
    assert "请出示通行证" in page.get("/?lang=klingon").text


def test_the_page_asks_nothing_of_any_other_machine(page: httpx.Client) -> None:
    answer = page.get("/")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "http" not in answer.text.replace("http-equiv", "")
    for path in ("/shared/tokens.css", "/static/lane.css", "/static/lane.js"):
        assert path in answer.text
        assert page.get(path).status_code == 200


def test_another_host_name_is_refused_because_it_may_be_a_rebound_one(page: httpx.Client) -> None:
    assert page.get("/", headers={"Host": "evil.example"}).status_code == 421


def test_a_new_state_reaches_an_open_page_by_itself(page: httpx.Client, board: Board) -> None:
    with page.stream("GET", "/events?lang=en") as events:
        lines = events.iter_lines()
        assert "Show your pass" in _event(lines)
        board.show(Show(Face.STOP, result=Result.REFUSE, reason=Reason.FORGED))
        assert "Pass not genuine" in _event(lines)
    board.show(Show(Face.READY))


def test_fault_11_markup_in_a_name_is_inert_on_the_page(page: httpx.Client, board: Board) -> None:
    nasty = Resident(
        id=PersonId("R1"), name="<script>alert(1)</script>", household=HouseholdId("H1")
    )
    board.passed(PASSAGE, Show(Face.PASS, standing=Standing(nasty, HOME)))
    text = page.get("/").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_port_that_is_taken_costs_the_page_and_not_the_gate(board: Board) -> None:
    address = serve(board, ASKING, 0, "en")
    assert address is not None
    assert serve(board, ASKING, httpx.URL(address).port or 0, "en") is None


def _event(lines: Iterator[str]) -> str:
    """The text of the next event with data."""
    text: list[str] = []
    for line in lines:
        if line:
            text.append(line)
        elif any("<section" in each for each in text):
            return "\n".join(text)
        else:
            text = []
    raise AssertionError("the stream ended")
