"""The gate's page: its words as pure data, and the page itself over real HTTP."""

from collections.abc import Iterator

import httpx
import numpy as np
import pytest

from checkpoint.gate.context import Face, Show
from checkpoint.gate.events import OpeningAsked
from checkpoint.gate.state import Choosing, GateState
from checkpoint.ids import CompoundId, HouseholdId, PersonId, Revision
from checkpoint.people import Household, Resident, Roster, RosterDocument, Standing
from checkpoint.records import Cause, Device, DeviceState, Result
from checkpoint.verdict import Reason
from config.settings import ScreenTable
from kiosk.devices.health import DeviceReport
from kiosk.screen.board import LAST_PASSAGES, Board
from kiosk.screen.fragments import Surface
from kiosk.screen.health_view import HealthView, health_view
from kiosk.screen.panel_view import panel_view
from kiosk.screen.preview import WIDTH, CameraPreview
from kiosk.screen.residents import Residents
from kiosk.screen.server import serve
from kiosk.screen.surroundings import Counts, Surroundings
from kiosk.screen.view import passage_line, resident_view
from sync.link_report import LinkReport
from tests.kiosk.screen.gate_page import (
    ADMITTED,
    HOME,
    PASSAGE,
    STAMP,
    TOKEN,
    GateSite,
    gate_site,
    held,
)
from tests.patience import PATIENCE_S
from ui import SOUNDS
from ui.words import LANGUAGES, Language

NOW_US = STAMP.at_us


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", Reason)
def test_whoever_is_stopped_reads_a_word_and_what_to_do(reason: Reason, language: Language) -> None:
    show = Show(Face.STOP, result=Result.HOLD, reason=reason)
    view = resident_view(show, language, camera_works=True)
    assert view.reason
    assert view.please
    assert view.face == "stop"
    assert view.voice == reason.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_face_differs_in_icon_and_word(language: Language) -> None:
    shows = [Show(face, reason=Reason.FEVER if "stop" in face.value else None) for face in Face]
    shows.append(Show(Face.STOP, result=Result.REFUSE, reason=Reason.FORGED))
    views = [resident_view(show, language, camera_works=True) for show in shows]
    assert len({view.icon for view in views}) == len(shows)
    assert len({view.main for view in views}) == len(shows)


def test_a_gate_without_its_camera_never_looks_ready() -> None:
    assert resident_view(Show(Face.READY), "en", camera_works=False).face == "fault"
    assert resident_view(ADMITTED, "en", camera_works=False).face == "pass"


def test_an_admitted_resident_sees_masked_name_home_and_temperature_with_its_unit() -> None:
    view = resident_view(ADMITTED, "en", camera_works=True)
    assert (view.who, view.home, view.temperature) == ("王**", "3-201", "36.6 °C")


def test_a_second_measurement_is_announced_as_one() -> None:
    first = resident_view(Show(Face.CHECKING, attempt=1), "en", camera_works=True)
    second = resident_view(Show(Face.CHECKING, attempt=2), "en", camera_works=True)
    assert first.please != second.please


def test_a_line_of_the_list_is_in_the_compounds_time() -> None:
    line = passage_line(PASSAGE, ADMITTED, "zh_CN", "Asia/Shanghai")
    assert (line.time, line.result_word, line.who) == ("08:00", "放行", "王**")


def _health(surroundings: Surroundings, *, synced: bool = True) -> HealthView:
    reports = [DeviceReport(Device.CAMERA, DeviceState.GONE, "camera.device 0: no such camera")]
    return health_view(reports, surroundings, "en", clock_synced=synced, now_us=NOW_US)


@pytest.mark.parametrize(("hours", "tone"), [(3, ""), (13, "hold")])
def test_a_roster_is_old_when_the_policy_in_force_says_so(hours: int, tone: str) -> None:
    revision = Revision(NOW_US - hours * 3_600_000_000)
    view = _health(Surroundings(None, revision, roster_stale_after_s=12 * 3600))
    assert [lamp.tone for lamp in view.lamps if lamp.name == "Roster"] == [tone]


def test_the_strip_names_every_part_and_says_what_is_wrong() -> None:
    link = LinkReport(connected=True, unsynced=0, acked_us=NOW_US - 60_000_000)
    view = _health(Surroundings(link, Revision(NOW_US - 3 * 3_600_000_000)))
    assert [(lamp.name, lamp.tone, lamp.value) for lamp in view.lamps] == [
        ("Camera", "fault", "Camera does not answer"),
        ("Network", "", ""),
        ("To be synced", "", "0"),
        ("Clock", "", ""),
        ("Roster", "", "3 h"),
    ]
    assert view.lamps[0].detail == "camera.device 0: no such camera"
    assert view.lamps[2].detail == "Last sync: 1 min"
    assert view.banner == ""


def test_a_network_that_is_gone_is_said_with_what_waits() -> None:
    view = _health(Surroundings(LinkReport(connected=False, unsynced=41), None), synced=False)
    assert view.banner == "Network gone. Scanning goes on; 41 wait to be synced"
    assert [lamp.tone for lamp in view.lamps[1:]] == ["hold"] * 4


def test_a_sync_process_that_is_gone_is_not_taken_for_a_network_that_works() -> None:
    assert _health(Surroundings()).banner == "Sync is not running. Scanning goes on"


@pytest.mark.parametrize("reason", Reason)
def test_a_hold_offers_two_or_three_choices(reason: Reason) -> None:
    state = GateState(cases=(held(reason),))
    (card,) = panel_view(state, Counts(), "en", 0).cases
    assert 2 <= len(card.choices) <= 3
    assert card.next_step
    assert card.is_fever is (reason is Reason.FEVER)


def test_a_lane_for_both_ways_asks_the_volunteer() -> None:
    scan = held(Reason.EXPIRED).attempt.scan
    assert panel_view(GateState(phase=Choosing(scan, 9)), Counts(), "en", 0).asks_direction


def test_the_list_keeps_the_newest_passages_on_top() -> None:
    board = Board("east-in", "Asia/Shanghai")
    for _ in range(LAST_PASSAGES + 3):
        board.show_passage(PASSAGE, ADMITTED)
    assert len(board.passages("en")) == LAST_PASSAGES


def test_the_preview_is_a_small_jpeg_of_the_newest_frame_and_none_of_an_old_one() -> None:
    preview = CameraPreview()
    assert preview.jpeg() is None
    preview.take(np.zeros((720, 1280, 3), dtype=np.uint8))
    jpeg = preview.jpeg()
    assert jpeg is not None
    assert jpeg.startswith(b"\xff\xd8")
    assert len(jpeg) < 20_000
    assert WIDTH == 480


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GateSite]:
    voices = tmp_path_factory.mktemp("voices")
    (voices / "en").mkdir()
    (voices / "en" / "pass.wav").write_bytes(b"RIFF a neighbour's voice")
    surface = Surface(
        ScreenTable(voices=voices, notices=("周六上午八点停水。",)),
        CameraPreview(),
        Residents(roster),
    )
    with gate_site(surface=surface) as site:
        yield site


def roster() -> Roster:
    """Eleven people of one surname."""
    homes = tuple(
        Household(id=HouseholdId(f"H{n}"), building="7", unit=f"{n}01") for n in range(1, 12)
    )
    people = tuple(
        Resident(id=PersonId(f"R{n}"), name="张**", household=home.id)
        for n, home in enumerate(homes)
    )
    document = RosterDocument(
        compound=CompoundId(1), revision=Revision(1), households=homes, residents=people
    )
    return Roster.of(document)


@pytest.fixture
def page(site: GateSite) -> Iterator[httpx.Client]:
    origin = site.address.rstrip("/")
    with httpx.Client(base_url=origin, headers={"Origin": origin}, timeout=PATIENCE_S) as client:
        yield client


def test_the_page_speaks_the_configured_language_and_the_one_asked_for(page: httpx.Client) -> None:
    assert "请出示通行证" in page.get("/").text
    assert "Show your pass" in page.get("/?lang=en").text
    assert "请出示通行证" in page.get("/?lang=klingon").text


def test_the_page_is_small_and_asks_nothing_of_any_other_machine(page: httpx.Client) -> None:
    answer = page.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    for forbidden in ("http://", "https://", " style=", "<style", "<script>", " onclick"):
        assert forbidden not in answer.text
    paths = [part.split('"')[0] for part in answer.text.split('src="')[1:]]
    paths += [part.split('"')[0] for part in answer.text.split('stylesheet" href="')[1:]]
    assert len(paths) >= 8
    sizes = [len(page.get(path).content) for path in paths if path]
    assert len(answer.content) + sum(sizes) < 130_000


def test_another_host_name_is_refused_because_it_may_be_a_rebound_one(page: httpx.Client) -> None:
    assert page.get("/", headers={"Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("path", ["/requests", "/emergency", "/codes"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Gatepost-Token": "guessed"},
        {"X-Gatepost-Token": TOKEN, "Origin": "http://evil.example"},
        {"X-Gatepost-Token": TOKEN, "Origin": "null"},
    ],
)
def test_nobody_else_opens_the_door(
    page: httpx.Client, site: GateSite, path: str, headers: dict[str, str]
) -> None:
    body = {"ask": "open", "reason": "x"}
    assert page.post(path, json=body, headers=headers).status_code == 403
    assert site.request_queue.pending() == []
    assert site.request_queue.scan() is None


@pytest.mark.parametrize("code", ["", " ", "x" * 4297])
def test_a_scanner_can_type_no_more_than_a_code_holds(
    page: httpx.Client, site: GateSite, code: str
) -> None:
    headers = {"X-Gatepost-Token": TOKEN}
    assert page.post("/codes", content=code, headers=headers).status_code == 400
    assert page.post("/codes", content="GP1:x\r\n", headers=headers).status_code == 200
    assert site.request_queue.scan() == "GP1:x"
    assert site.request_queue.scan() is None


def test_the_emergency_reaches_the_loop_with_nobody_on_duty(
    page: httpx.Client, site: GateSite
) -> None:
    assert page.post("/emergency", headers={"X-Gatepost-Token": TOKEN}).json() == {"done": True}
    (event,) = site.request_queue.pending()
    assert isinstance(event, OpeningAsked)
    assert event.cause is Cause.EMERGENCY


def test_residents_are_found_only_by_the_page_itself_and_masked(page: httpx.Client) -> None:
    assert page.get("/residents?q=张").status_code == 403
    headers = {"X-Gatepost-Token": TOKEN}
    found = page.get("/residents", params={"q": "张", "lang": "en"}, headers=headers).text
    assert found.count("<li>") == 8
    assert "3 more" in found
    home = page.get("/residents", params={"q": "7-301", "pick": "home"}, headers=headers).text
    assert 'value="H3"' in home


def test_a_notice_of_the_site_is_shown_while_nobody_is_served(page: httpx.Client) -> None:
    assert "周六上午八点停水。" in page.get("/").text


def test_a_recording_of_the_site_takes_the_place_of_the_rendered_prompt(page: httpx.Client) -> None:
    assert page.get("/sounds/en/pass.wav").content == b"RIFF a neighbour's voice"
    assert page.get("/sounds/en/no-such.wav").status_code == 404
    assert page.get("/sounds/fr/pass.wav").status_code == 422
    assert page.get("/sounds/..%2Fen%2Fpass.wav").status_code in {404, 422}


@pytest.mark.skipif(not SOUNDS.is_dir(), reason="set-up has not rendered the sounds")
def test_every_face_and_reason_has_its_sound(page: httpx.Client) -> None:
    for language in LANGUAGES:
        for name in (*(face.value for face in Face), *(reason.name for reason in Reason)):
            assert page.get(f"/sounds/{language}/{name}.wav").status_code == 200


def test_a_new_state_reaches_an_open_page_by_itself(page: httpx.Client, site: GateSite) -> None:
    with page.stream("GET", "/events?lang=en") as events:
        lines = events.iter_lines()
        assert "Show your pass" in _event(lines, "resident")
        site.board.show(Show(Face.STOP, result=Result.REFUSE, reason=Reason.FORGED))
        assert "Pass not genuine" in _event(lines, "resident")
    site.board.show(Show(Face.READY))


def test_a_loop_that_hangs_is_said_and_nothing_else_until_it_comes_round_again() -> None:
    with (
        gate_site("en") as hanging,
        httpx.stream("GET", f"{hanging.address}events", timeout=PATIENCE_S) as events,
    ):
        lines = events.iter_lines()
        _event(lines, "alive")
        hanging.hang()
        _event(lines, "hung")
        hanging.board.show(ADMITTED)
        told = {next(line for line in lines if line.startswith("event: ")) for _ in range(3)}
        assert told == {"event: hung"}
        hanging.go_on()
        assert "Please pass" in _event(lines, "resident")


def test_fault_11_markup_in_a_name_is_inert_on_the_page(page: httpx.Client, site: GateSite) -> None:
    nasty = Resident(
        id=PersonId("R1"), name="<script>alert(1)</script>", household=HouseholdId("H1")
    )
    site.board.show_passage(PASSAGE, Show(Face.PASS, standing=Standing(nasty, HOME)))
    text = page.get("/").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_port_that_is_taken_costs_the_page_and_not_the_gate(site: GateSite) -> None:
    from kiosk.screen.request_queue import RequestQueue
    from kiosk.screen.request_routes import RequestRoutes

    port = httpx.URL(site.address).port or 0
    assert serve(site.board, RequestRoutes(RequestQueue(), None, "t"), port, Surface()) is None


def _event(lines: Iterator[str], kind: str) -> str:
    """The data of the next event of this kind."""
    text: list[str] = []
    for line in lines:
        if line:
            text.append(line)
        elif f"event: {kind}" in text:
            return "\n".join(text)
        else:
            text = []
    raise AssertionError("the stream ended")
