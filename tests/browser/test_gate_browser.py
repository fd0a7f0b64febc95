"""The gate's page in a real browser: six states, the volunteer's panel, sizes, contrast, silence and sound."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from checkpoint.gate.context import Face, Objection, Reply, Show
from checkpoint.gate.events import (
    AdmitCase,
    DenyCase,
    DirectionChosen,
    HandHeld,
    OpenDoor,
    OpeningAsked,
    Register,
    Remeasure,
    Sign,
)
from checkpoint.gate.state import Choosing, GateState
from checkpoint.policy import Direction
from checkpoint.records import Cause, Device, DeviceState, Result, Visiting
from checkpoint.verdict import Reason
from config.settings import ScreenTable
from kiosk.screen.fragments import Surface
from kiosk.screen.preview import CameraPreview
from kiosk.screen.residents import Residents
from tests.browser.gate_screen import before_the_camera, night, open_page, show
from tests.kiosk.screen.gate_page import ADMITTED, FEVER, KNOWN, GateSite, gate_site, held
from tests.kiosk.screen.test_page import roster
from tests.patience import PATIENCE_S
from ui.words import LANGUAGES, Language, phrases, word

_DAY: Final = ScreenTable(
    night_from="00:00", night_until="00:00", notices=("周六上午停水。",), pin="2718"
)
_STOP: Final = Show(
    Face.STOP,
    result=Result.HOLD,
    reason=Reason.OUTING_USED,
    standing=KNOWN,
    temperature_centicelsius=3640,
)
_REFUSED: Final = Show(Face.STOP, result=Result.REFUSE, reason=Reason.UNKNOWN_KEY)
_SHOWS: Final = {
    "ready": Show(Face.READY),
    "checking": Show(Face.CHECKING, attempt=2, standing=KNOWN),
    "pass": ADMITTED,
    "stop-fever": FEVER,
    "stop": _STOP,
    "refused": _REFUSED,
    "fault": Show(Face.FAULT),
}
_SIZES: Final = [(800, 480), (1280, 800), (1920, 1080), (800, 1280), (480, 800)]


@pytest.fixture
def site() -> Iterator[GateSite]:
    surface = Surface(_DAY, CameraPreview(), Residents(roster))
    with gate_site("en", surface) as site:
        site.fill()
        yield site


def _open(page: Page, site: GateSite, language: Language = "en") -> None:
    open_page(page, f"{site.address}?lang={language}")
    expect(page.locator(".face h1")).to_be_visible()


def _show(page: Page, site: GateSite, name: str) -> None:
    show(page, site, _SHOWS[name])


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_state_has_its_word_and_role_and_breaks_no_rule_of_accessibility(
    page: Page, site: GateSite, axe: Callable[[], list[str]], language: Language
) -> None:
    _open(page, site, language)
    site.on_duty(held(Reason.FEVER, 1), held(Reason.EXPIRED, 2))
    for name, what in _SHOWS.items():
        _show(page, site, name)
        main = word(what.face, language)
        if name == "refused":
            main = phrases("gate page", language)["refused"]
        expect(page.get_by_role("main").get_by_role("heading")).to_have_text(main)
        if what.reason is not None:
            said = page.get_by_role("main").inner_text()
            assert phrases("Reason.please", language)[what.reason.name] in said
        assert axe() == [], name


@pytest.mark.parametrize("size", _SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_overflows_and_the_main_word_is_a_fifth_of_the_height(
    page: Page, site: GateSite, size: tuple[int, int], language: Language
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    _open(page, site, language)
    site.on_duty(held(Reason.FEVER, 1))
    for name in _SHOWS:
        _show(page, site, name)
        for text in ("", "large"):
            page.evaluate("text => { document.body.dataset.text = text; }", text)
            found = page.evaluate(_MEASURE)
            assert found["outside"] == [], f"{name} at {size} {text}"
            # In portrait the part itself is the screen that the resident sees.
            assert found["main"] >= 0.2 * found["part"], f"{name} at {size} {text}: {found}"


_MEASURE: Final = """() => {
  const part = document.getElementById("resident").getBoundingClientRect();
  const inside = (box, frame) => box.left >= frame.left - 1 && box.right <= frame.right + 1
    && box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
  const outside = [];
  for (const each of document.querySelectorAll("#resident .face *")) {
    const box = each.getBoundingClientRect();
    if (box.width && !each.closest(".unseen") && !inside(box, part)) outside.push(each.className || each.tagName);
  }
  const panel = document.querySelector(".panel");
  if (panel.scrollWidth > panel.clientWidth + 1) outside.push("panel");
  for (const each of document.querySelectorAll(".panel button, .panel .chip, .panel .lamp")) {
    const box = each.getBoundingClientRect();
    if (box.width && (box.left < 0 || box.right > innerWidth + 1)) outside.push(each.textContent);
    if (box.width && each.tagName === "BUTTON" && box.height < 48) outside.push("low " + each.textContent);
  }
  return {outside, part: part.height, main: document.querySelector("#resident .main").getBoundingClientRect().height};
}"""


def test_the_states_can_be_told_apart_without_colours(page: Page, site: GateSite) -> None:
    _open(page, site)
    grey: dict[str, Any] = {}
    for name in _SHOWS:
        _show(page, site, name)
        shot = page.locator("#resident").screenshot(animations="disabled")
        picture = cv2.imdecode(np.frombuffer(shot, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert picture is not None
        grey[name] = cv2.resize(picture, (240, 225))
    names = list(grey)
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            apart = np.abs(grey[one].astype(int) - grey[other].astype(int)) > 40
            assert apart.mean() > 0.05, f"{one} and {other} look alike"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_state_sounds_once_a_tone_and_then_the_prompt_and_a_newer_one_takes_its_place(
    page: Page, site: GateSite, language: Language
) -> None:
    page.add_init_script(_LISTEN)
    _open(page, site, language)
    prompt = f"/sounds/{language}/pass.wav"
    _show(page, site, "checking")
    page.wait_for_timeout(200)
    _show(page, site, "pass")
    _show(page, site, "ready")
    heard = _until(page, "heard", lambda heard: prompt in heard)
    assert heard[0] == "/sounds/checking.wav"
    assert heard[heard.index("/sounds/pass.wav") :] == ["/sounds/pass.wav", prompt]
    # A page that waits is late each time; a machine that stands still for a moment is once.
    assert min(page.evaluate("window.delays")) < 300
    assert heard.count("/sounds/pass.wav") == 1


_LISTEN: Final = """
window.heard = []; window.delays = []; let swapped = 0;
document.addEventListener("htmx:sseBeforeMessage", (event) => {
  if (event.detail.type === "resident") swapped = performance.now();
}, true);
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  window.heard.push(new URL(this.src).pathname);
  if (new URL(this.src).pathname.split("/").length === 3) window.delays.push(performance.now() - swapped);
  return play.call(this);
};
"""


def _until(page: Page, name: str, enough: Callable[[list[str]], bool]) -> list[str]:
    until_s = time.monotonic() + PATIENCE_S
    while True:
        found: list[str] = page.evaluate(f"window.{name}")
        if enough(found):
            return found
        assert time.monotonic() < until_s, found
        page.wait_for_timeout(100)


def test_a_loop_that_hangs_is_not_live_and_never_a_stale_green(page: Page, site: GateSite) -> None:
    _open(page, site)
    _show(page, site, "pass")
    site.hang()
    expect(page.get_by_role("alert").filter(has_text="Not live")).to_be_visible()
    assert page.evaluate("document.elementFromPoint(300, 300).closest('#not-live') !== null")


def test_a_gate_without_its_camera_says_so_and_the_strip_names_it(
    page: Page, site: GateSite
) -> None:
    _open(page, site)
    site.report(Device.CAMERA, DeviceState.GONE, "camera.device 0: no such camera")
    expect(page.get_by_role("main").get_by_role("heading")).to_have_text("Gate fault")
    expect(page.get_by_text("Camera does not answer").first).to_be_visible()
    site.report(Device.CAMERA, DeviceState.OK)
    expect(page.get_by_role("main").get_by_role("heading")).to_have_text("Show your pass")


def test_a_network_that_is_gone_is_an_amber_banner_and_the_count_falls_after(
    page: Page, site: GateSite
) -> None:
    _open(page, site)
    site.surround(connected=False, unsynced=41)
    expect(page.get_by_text("Scanning goes on; 41 wait")).to_be_visible()
    site.surround(connected=True, unsynced=0)
    expect(page.get_by_text("Scanning goes on")).to_have_count(0)


def _answer(page: Page, site: GateSite, objection: Objection | None = None) -> Any:
    """What reached the desk, answered as the loop would."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        for request in site.request_queue.pending():
            if not isinstance(request, OpeningAsked):
                site.request_queue.answer(Reply(request.request, objection))
            return request
        page.wait_for_timeout(50)
    raise AssertionError("nothing was asked")


def test_every_hold_is_resolved_with_two_touches_or_one_and_three_digits(
    page: Page, site: GateSite
) -> None:
    _open(page, site)
    dialog = page.get_by_role("dialog")
    for case, reason in enumerate(Reason, 70):
        site.on_duty(held(reason, case))
        card = page.locator(f"#case{case}")
        card.get_by_role("button", name="Deny").click()
        dialog.get_by_role("button", name="Asked to go home", exact=True).click()
        denied = _answer(page, site)
        assert isinstance(denied, DenyCase), reason
        assert (denied.case, denied.reason) == (case, "Asked to go home")
        expect(dialog).to_have_count(0)
        admits = card.get_by_role("button", name="Admit", exact=True)
        if admits.count():
            admits.click()
            dialog.get_by_role("button", name="Known in person, checked", exact=True).click()
            admitted = _answer(page, site)
            assert isinstance(admitted, AdmitCase), reason
            assert (admitted.case, admitted.reason) == (case, "Known in person, checked")
        else:
            card.get_by_role("button", name="Hand-held").click()
            for digit in "366":
                dialog.get_by_role("button", name=digit, exact=True).click()
            dialog.get_by_role("button", name="OK").click()
            measured = _answer(page, site)
            assert isinstance(measured, HandHeld), reason
            assert (measured.case, measured.centicelsius) == (case, 3660)
        expect(dialog).to_have_count(0)
        assert 2 <= card.get_by_role("button").count() <= 3


def test_a_finger_that_comes_down_twice_asks_once(page: Page, site: GateSite) -> None:
    site.on_duty(held(Reason.EXPIRED, 77))
    _open(page, site)
    page.locator("#case77").get_by_role("button", name="Admit", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Urgent").dblclick()
    assert isinstance(_answer(page, site), AdmitCase)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert site.request_queue.pending() == []


def test_the_keyboard_alone_resolves_a_hold_and_enter_in_an_empty_field_decides_nothing(
    page: Page, site: GateSite
) -> None:
    site.on_duty(held(Reason.EXPIRED, 77))
    _open(page, site)
    admit = page.locator("#case77").get_by_role("button", name="Admit", exact=True)
    for _ in range(30):
        page.keyboard.press("Tab")
        if admit.evaluate("each => each === document.activeElement"):
            break
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Another reason").focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    assert site.request_queue.pending() == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(admit).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert _answer(page, site).reason == "Hand-held reading normal"


def test_the_last_reason_is_offered_first(page: Page, site: GateSite) -> None:
    site.on_duty(held(Reason.EXPIRED, 77))
    _open(page, site)
    admit = page.locator("#case77").get_by_role("button", name="Admit", exact=True)
    admit.click()
    page.get_by_role("dialog").get_by_label("Another reason").fill("Nurse, letter seen")
    page.get_by_role("dialog").get_by_role("button", name="OK").click()
    assert _answer(page, site).reason == "Nurse, letter seen"
    admit.click()
    page.get_by_role("button", name="As before: Nurse, letter seen").click()
    assert _answer(page, site).reason == "Nurse, letter seen"


def test_a_thermometer_that_is_silent_leads_to_a_hand_held_value_by_keypad(
    page: Page, site: GateSite
) -> None:
    site.on_duty(held(Reason.NO_READING, 5))
    _open(page, site)
    page.locator("#case5").get_by_role("button", name="Re-measure").click()
    assert isinstance(_answer(page, site), Remeasure)
    page.locator("#case5").get_by_role("button", name="Hand-held").click()
    dialog = page.get_by_role("dialog")
    for digit in "368":
        dialog.get_by_role("button", name=digit, exact=True).click()
    expect(dialog.get_by_label("Temperature")).to_have_value("36.8")
    dialog.get_by_role("button", name="OK").click()
    asked = _answer(page, site)
    assert isinstance(asked, HandHeld)
    assert (asked.case, asked.centicelsius) == (5, 3680)


def test_what_the_gate_objects_is_said_and_the_dialog_stays(page: Page, site: GateSite) -> None:
    _open(page, site)
    page.get_by_role("button", name="Open door").click()
    page.get_by_role("button", name="Officials").click()
    asked = _answer(page, site, Objection.NOBODY_ON_DUTY)
    assert isinstance(asked, OpenDoor)
    expect(page.locator("#toast")).to_have_text("Nobody is on duty")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_resident_without_a_pass_is_found_by_home_and_let_in_with_the_reason(
    page: Page, site: GateSite
) -> None:
    _open(page, site)
    page.get_by_role("button", name="Find resident").click()
    page.get_by_role("dialog").get_by_label("Surname, home").fill("7-301")
    page.get_by_role("dialog").get_by_role("button", name="张** 7-301").click()
    page.get_by_role("dialog").get_by_role("button", name="Pass forgotten, checked").click()
    assert _answer(page, site).reason == "Pass forgotten, checked · 张** 7-301 R2"


def test_visitor_delivery_and_vehicle_are_registered(page: Page, site: GateSite) -> None:
    _open(page, site)
    page.get_by_role("button", name="Visitor").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Host home").fill("7-301")
    expect(dialog.get_by_role("radio")).to_be_checked()
    dialog.get_by_label("Temperature").fill("365")
    dialog.get_by_role("button", name="Register and open").click()
    asked = _answer(page, site)
    assert isinstance(asked, Register)
    assert (asked.visiting, asked.household, asked.purpose) == (
        Visiting.VISITOR,
        "H3",
        "Family visit",
    )
    assert (asked.admit, asked.centicelsius, asked.count) == (True, 3650, 1)
    page.get_by_role("button", name="Delivery").click()
    page.get_by_role("dialog").get_by_label("Courier").fill("SF")
    page.get_by_role("dialog").get_by_role("button", name="Register").click()
    asked = _answer(page, site)
    assert (asked.visiting, asked.purpose, asked.admit) == (Visiting.DELIVERY, "SF", False)
    page.get_by_role("button", name="Vehicle").click()
    for key in "鄂A1234567":
        page.get_by_role("dialog").get_by_role("button", name=key, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Erase").click()
    page.get_by_role("dialog").get_by_role("button", name="Erase").click()
    expect(page.get_by_role("dialog").get_by_label("Plate")).to_have_value("鄂A12345")
    page.get_by_role("dialog").get_by_role("button", name="Register", exact=True).click()
    assert _answer(page, site).plate == "鄂A12345"


def test_duty_and_direction_and_undo_are_one_touch_each(page: Page, site: GateSite) -> None:
    _open(page, site)
    page.get_by_role("button", name="Duty").click()
    expect(page.get_by_role("dialog")).to_contain_text("All parts work")
    page.get_by_role("dialog").get_by_role("button", name="Sign on").click()
    asked = _answer(page, site)
    assert isinstance(asked, Sign)
    assert asked.on
    scan = held(Reason.EXPIRED).attempt.scan
    site.board.state(GateState(phase=Choosing(scan, 1)))
    page.get_by_role("button", name="Out", exact=True).click()
    asked = _answer(page, site)
    assert isinstance(asked, DirectionChosen)
    assert asked.direction is Direction.OUT


def test_fault_27_the_emergency_is_held_down_and_a_touch_alone_does_nothing(
    page: Page, site: GateSite
) -> None:
    _open(page, site)
    emergency = page.get_by_role("button", name="Emergency")
    emergency.click()
    page.wait_for_timeout(2300)
    assert site.request_queue.pending() == []
    emergency.hover()
    page.mouse.down()
    site.on_duty(held(Reason.FEVER, 1))  # who moves the button from under the finger
    asked = _answer(page, site)
    page.mouse.up()
    assert isinstance(asked, OpeningAsked)
    assert asked.cause is Cause.EMERGENCY


def test_a_small_screen_keeps_its_deeds_in_a_drawer(page: Page, site: GateSite) -> None:
    page.set_viewport_size({"width": 800, "height": 480})
    _open(page, site)
    expect(page.locator(".passages li:visible")).to_have_count(4)
    expect(page.get_by_role("button", name="Vehicle")).to_be_hidden()
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("button", name="Vehicle").click()
    expect(page.get_by_role("dialog").get_by_label("Plate")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [(800, 480), (1280, 800), (800, 1280)], ids=str)
def test_every_dialog_fits_the_screen_and_breaks_no_rule_of_accessibility(
    page: Page,
    site: GateSite,
    axe: Callable[[], list[str]],
    size: tuple[int, int],
    language: Language,
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    _open(page, site, language)
    for dialog in page.locator("dialog").all():
        dialog.evaluate("each => each.showModal()")
        wide = dialog.evaluate("each => each.scrollWidth > each.clientWidth + 1")
        assert not wide, f"{dialog.get_attribute('id')} at {size}"
        low = dialog.evaluate(
            "each => [...each.querySelectorAll('button')].filter(b => b.offsetHeight < 48).length"
        )
        assert low == 0, f"{dialog.get_attribute('id')} at {size}"
        if size == (1280, 800):
            assert axe() == [], dialog.get_attribute("id")
        dialog.evaluate("each => each.close()")


def test_by_night_the_page_is_dark_whatever_the_machine_prefers(page: Page) -> None:
    with gate_site("en", Surface(night())) as site:
        _open(page, site)
        assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"


def test_eight_hundred_results_leave_no_trace_in_memory_and_none_is_missed(
    page: Page, site: GateSite
) -> None:
    _open(page, site)
    client = page.context.new_cdp_session(page)
    counts = []
    for turn in range(8):
        for _ in range(100):
            site.board.show(ADMITTED)
            site.board.show(_SHOWS["ready"])
            page.wait_for_timeout(1)
        site.board.show(FEVER if turn % 2 else ADMITTED)
        face = "stop-fever" if turn % 2 else "pass"
        expect(page.locator("#resident .face")).to_have_attribute("data-face", face)
        client.send("HeapProfiler.collectGarbage")
        counts.append(client.send("Memory.getDOMCounters")["nodes"])
    assert counts[-1] < counts[1] * 1.2, json.dumps(counts)


def test_the_pictures_of_the_camera_are_shown_and_old_ones_are_not(page: Page) -> None:
    preview, picture = CameraPreview(), np.full((720, 1280, 3), 200, dtype=np.uint8)
    with gate_site("en", Surface(_DAY, preview)) as site:
        with before_the_camera(preview, picture):
            _open(page, site)
            expect(page.locator("#preview")).to_be_visible()
        expect(page.locator("#preview")).to_be_hidden()


def _scan(page: Page, text: str) -> None:
    """As a scanner on USB types: a key every 20 ms, the browser's own clock says so however slow this machine is."""
    session, at_s = page.context.new_cdp_session(page), time.time()
    for number, character in enumerate([*text, "\r"]):
        key = "Enter" if character == "\r" else character
        code = {"\r": 13, " ": 32}.get(character, 0)
        for kind in ("keyDown", "keyUp"):
            event = {"type": kind, "key": key, "timestamp": at_s + number * 0.02}
            event["windowsVirtualKeyCode"] = code
            if kind == "keyDown":
                event["text"] = character
            session.send("Input.dispatchKeyEvent", event)


_PASS: Final = "GP1:6BF 12$%*+-./:ABC 7301"


@pytest.mark.parametrize("focus", ["nothing", "a button", "a field", "a choice"])
def test_a_scanner_is_heard_whatever_has_the_focus_and_presses_and_writes_nothing(
    page: Page, site: GateSite, focus: str
) -> None:
    _open(page, site)
    if focus == "a button":
        page.get_by_role("button", name="Open door").focus()
    elif focus != "nothing":
        page.get_by_role("button", name="Visitor").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Host home").fill("7-301")
        dialog.get_by_label("Purpose" if focus == "a choice" else "Phone").focus()
    _scan(page, _PASS)
    assert _scanned(page, site) == _PASS
    if focus in {"nothing", "a button"}:
        expect(page.get_by_role("dialog")).to_have_count(0)
    else:
        expect(dialog.get_by_label("Phone")).to_have_value("")
        expect(dialog.get_by_label("Host home")).to_have_value("7-301")
        expect(dialog.get_by_label("Purpose")).to_have_value("Family visit")
    assert site.request_queue.pending() == []


def _scanned(page: Page, site: GateSite) -> str:
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        if code := site.request_queue.scan():
            return code
        page.wait_for_timeout(50)
    raise AssertionError("no code came")


def test_a_site_chooses_language_and_size_with_its_pin_and_every_page_follows(
    page: Page, site: GateSite
) -> None:
    page.add_init_script(_LISTEN)
    open_page(page, site.address)
    page.get_by_role("button", name="Duty").click()
    page.get_by_role("button", name="Settings").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="中文").check()
    dialog.get_by_label("Large text").check()
    dialog.get_by_label("Voice leads").check()
    dialog.get_by_label("PIN").fill("0000")
    dialog.get_by_role("button", name="OK").click()
    expect(page.locator("#toast")).to_have_text("The PIN is wrong")
    expect(dialog.get_by_label("PIN")).to_have_value("")
    for digit in "2718":
        dialog.get_by_role("button", name=digit, exact=True).click()
    dialog.get_by_role("button", name="OK").click()
    expect(page.get_by_role("heading", name="请出示通行证")).to_be_visible()
    expect(page.locator("body")).to_have_attribute("data-text", "large")
    _show(page, site, "pass")
    site.board.show(_SHOWS["ready"])
    _until(page, "heard", lambda heard: "/sounds/zh_CN/ready.wav" in heard)


def test_what_people_type_is_no_scan(page: Page, site: GateSite) -> None:
    _open(page, site)
    page.get_by_role("button", name="Open door").click()
    reason = page.get_by_role("dialog").get_by_label("Another reason")
    reason.press_sequentially("A nurse, her letter was seen", delay=120)
    reason.press("Enter")
    assert _answer(page, site).reason == "A nurse, her letter was seen"
    assert site.request_queue.scan() is None
