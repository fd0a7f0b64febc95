"""The staff page in a real browser: rows by themselves, cases, sound, title, sizes, both languages."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from checkpoint.ids import GateId
from tests.browser.staff_site import StaffSite
from tests.collector.journals import START_US, fever, passage
from tests.collector.web.staff import PASSWORD

_SIZES = [(1280, 800), (1920, 1080), (800, 480), (390, 844)]
_ROOMS = ["live", "alerts", "gates"]
_GATE = GateId("east-in")


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffSite]:
    """A centre with an ordinary morning in it; tests only look at it."""
    site = StaffSite(tmp_path_factory.mktemp("busy"))
    site.fill()
    yield site
    site.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[StaffSite]:
    """A centre of its own, still empty."""
    site = StaffSite(tmp_path, "en")
    yield site
    site.close()


def _log_in(page: Page, site: StaffSite, room: str = "live", language: str = "en") -> None:
    page.goto(f"{site.address}/log-in?lang={language}")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/live")
    page.goto(f"{site.address}/{room}?lang={language}")


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("room", _ROOMS)
def test_no_room_overflows_or_breaks_a_rule_of_accessibility(
    page: Page, busy: StaffSite, axe: Callable[[], list[str]], room: str, language: str
) -> None:
    _log_in(page, busy, room, language)
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        assert axe() == []
    for width, height in _SIZES:
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{room} is {wide} px wide at {width}"


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_log_in_breaks_no_rule_of_accessibility(
    page: Page, busy: StaffSite, axe: Callable[[], list[str]], language: str
) -> None:
    page.goto(f"{busy.address}/log-in?lang={language}")
    assert axe() == []


def test_the_keyboard_alone_logs_in(page: Page, site: StaffSite) -> None:
    page.goto(f"{site.address}/log-in")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Live")).to_have_attribute("aria-current", "page")


def test_a_row_appears_by_itself_also_in_a_background_tab(page: Page, site: StaffSite) -> None:
    _log_in(page, site)
    expect(page.get_by_text("No records match.")).to_be_visible()
    expect(page.locator("#live")).not_to_have_class("silent")
    front = page.context.new_page()
    front.bring_to_front()
    site.record(_GATE, passage("R77", START_US))
    expect(page.get_by_role("row", name="R77")).to_be_attached()
    site.record(_GATE, fever("R78"))
    expect(page).to_have_title("(1) Live · Gatepost")
    expect(page.locator("#lines tr").first).to_contain_text("R78")


def test_filters_stand_in_the_url_and_hold_for_new_rows_too(page: Page, site: StaffSite) -> None:
    site.record(_GATE, passage("R1"), fever("R2"))
    _log_in(page, site)
    page.get_by_label("Outcome").select_option("Held")
    page.wait_for_url("**/live?outcome=hold")
    expect(page.locator("#lines tr")).to_have_count(1)
    site.record(_GATE, passage("R3"), fever("R4"))
    expect(page.get_by_role("row", name="R4")).to_be_visible()
    expect(page.get_by_role("row", name="R3")).to_have_count(0)
    page.get_by_label("Person id").fill("R2")
    page.get_by_label("Person id").press("Enter")
    page.wait_for_url("**/live?outcome=hold&person=R2")
    expect(page.locator("#lines tr")).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Outcome")).to_have_value("hold")
    page.get_by_role("link", name="Clear filters").click()
    expect(page.locator("#lines tr")).to_have_count(4)


def test_a_case_is_taken_up_and_closed_without_leaving_the_page(
    page: Page, site: StaffSite, axe: Callable[[], list[str]]
) -> None:
    site.record(_GATE, fever("R2"))
    _log_in(page, site, "alerts")
    case = page.locator("#case1")
    case.get_by_role("button", name="I am on it").click()
    expect(case).to_contain_text("admin is on it")
    expect(page).to_have_title("Alerts · Gatepost")
    case.get_by_role("button", name="Close").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Note")).to_be_focused()
    assert axe() == []
    site.record(_GATE, fever("R3"))
    expect(page.locator("#case2")).to_be_attached()
    dialog.get_by_label("Note").fill("Measured again by hand: 36.8")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".cases-closed_cases #case1")).to_contain_text("Measured again by hand")
    expect(page).to_have_title("(1) Alerts · Gatepost")


def test_a_new_alert_sounds_in_every_room_and_can_be_silenced(page: Page, site: StaffSite) -> None:
    page.add_init_script(
        "window.played = 0; const play = HTMLMediaElement.prototype.play;"
        "HTMLMediaElement.prototype.play = function () { window.played++; return play.call(this); };"
    )
    site.record(_GATE, fever("R1"))
    _log_in(page, site, "gates")
    site.record(_GATE, fever("R2"))
    expect(page.locator("#open-count")).to_contain_text("2")
    assert page.evaluate("window.played") == 1
    page.get_by_role("button", name="Sound is on").click()
    site.record(_GATE, fever("R3"))
    expect(page.locator("#open-count")).to_contain_text("3")
    assert page.evaluate("window.played") == 1


def test_the_page_says_when_it_is_not_live_and_recovers_without_missing_a_row(
    page: Page, site: StaffSite
) -> None:
    _log_in(page, site)
    expect(page.locator("#live .word")).to_have_text("Live")
    site.stop()
    expect(page.locator("#live .word")).to_have_text("Connection lost, trying again")
    site.record(_GATE, passage("R5"))
    site.start()
    expect(page.get_by_role("row", name="R5")).to_have_count(1)
    expect(page.locator("#live .word")).to_have_text("Live")
