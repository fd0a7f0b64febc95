"""The pictures of docs/screens.md, taken of the real pages: ./run pictures. A test looks whether they are true."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect, sync_playwright

from checkpoint.gate.context import Face, Show
from checkpoint.records import Device, DeviceState, Result
from checkpoint.verdict import Reason
from config.settings import ScreenTable
from drivers.simulated.view import SimulatedView
from kiosk.screen.fragments import Surface
from kiosk.screen.preview import CameraPreview
from kiosk.screen.residents import Residents
from tests.browser.gate_screen import before_the_camera, night, on_duty, open_page, show
from tests.browser.staff_site import StaffSite
from tests.collector.web.staff import PASSWORD
from tests.kiosk.screen.gate_page import ADMITTED, FEVER, KNOWN, GateSite, gate_site, held
from tests.kiosk.screen.test_page import roster
from ui.words import LANGUAGES, Language

FOLDER: Final = Path(__file__).parents[2] / "docs" / "images" / "screens"
NOTICES: Final = {
    "zh_CN": ("周六 9:00–11:00 停水，请提前储水。",),
    "en": ("No water on Saturday from 9 to 11. Store some today.",),
}
STOP: Final = Show(
    Face.STOP,
    result=Result.HOLD,
    reason=Reason.OUTING_USED,
    standing=KNOWN,
    temperature_centicelsius=3640,
)
SHOWS: Final = {
    "ready": Show(Face.READY),
    "checking": Show(Face.CHECKING, standing=KNOWN),
    "pass": ADMITTED,
    "stop-fever": FEVER,
    "stop": STOP,
    "refused": Show(Face.STOP, result=Result.REFUSE, reason=Reason.UNKNOWN_KEY),
    "fault": Show(Face.FAULT),
}
_ROOMS: Final = ("live", "alerts", "gates")
_WIDTH: Final = 800
"""Pixels in the documents."""
_QUALITY: Final = 72
_PASS: Final = "GP1:" + "6BFOXN*TS0BI$ZD" * 9
Take = Callable[[str], None]
Picture = NDArray[np.uint8]


def gate_pictures(
    browser: Browser, language: Language, keep: Callable[[str, Picture], None]
) -> None:
    """Every state of the gate's page, and what a volunteer does there."""
    day = ScreenTable(notices=NOTICES[language], night_from="00:00", night_until="00:00")
    for look, screen in (("day", day), ("night", night(notices=NOTICES[language]))):
        preview = CameraPreview()
        with (
            gate_site(language, Surface(screen, preview, Residents(roster))) as site,
            before_the_camera(preview, SimulatedView(1280, 720, seed=3).frame((_PASS,), 0.0)),
        ):
            site.fill()
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            open_page(page, site.address)

            def take(name: str, page: Page = page) -> None:
                keep(f"{language}-{name}", _shot(page))

            if look == "night":
                _ready(page, site)
                take("night")
            else:
                _states(page, site, take)
                _volunteers(page, site, take)
                _troubles(page, site, take)
            page.close()


def _ready(page: Page, site: GateSite) -> None:
    """With somebody's pass before the camera."""
    show(page, site, SHOWS["ready"])
    expect(page.locator("#preview")).to_be_visible()


def _states(page: Page, site: GateSite, take: Take) -> None:
    _ready(page, site)
    take("ready")
    for name, what in SHOWS.items():
        if name == "ready":
            continue
        if name == "stop-fever":
            on_duty(page, site, held(Reason.FEVER, 1), held(Reason.EXPIRED, 2))
        show(page, site, what)
        take(name)
    on_duty(page, site)


def _volunteers(page: Page, site: GateSite, take: Take) -> None:
    on_duty(page, site, held(Reason.FEVER, 1), held(Reason.EXPIRED, 2))
    show(page, site, ADMITTED)
    for name in ("hand-held", "admit", "find", "visitor"):
        page.locator(f"[data-dialog={name}]").first.click()
        if name == "find":
            page.locator("#dialog-find input").fill("张")
            expect(page.locator("#dialog-find .hits li").first).to_be_visible()
        take(f"dialog-{name}")
        page.locator("dialog[open] [data-dismiss]").click()


def _troubles(page: Page, site: GateSite, take: Take) -> None:
    """A small screen, a tall one, a network that is gone, and a program that has died."""
    page.set_viewport_size({"width": 800, "height": 480})
    show(page, site, FEVER)
    take("small")
    page.set_viewport_size({"width": 800, "height": 1280})
    on_duty(page, site)
    _ready(page, site)
    take("tall")
    page.set_viewport_size({"width": 1280, "height": 800})
    site.surround(connected=False, unsynced=41)
    site.report(Device.THERMOMETER, DeviceState.GONE, "no answer")
    show(page, site, ADMITTED)
    expect(page.locator(".banner")).to_be_visible()
    take("network")
    site.hang()
    expect(page.locator("#not-live")).to_be_visible()
    take("not-live")


def staff_pictures(
    browser: Browser, language: Language, keep: Callable[[str, Picture], None]
) -> None:
    """The rooms of the staff page after a morning with some trouble."""
    with tempfile.TemporaryDirectory() as folder:
        site = StaffSite(Path(folder), language)
        try:
            site.fill()
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"{site.address}/log-in?lang={language}")
            page.locator("[name=password]").fill(PASSWORD)
            page.locator("[name=password]").press("Enter")
            page.wait_for_url("**/live")
            for room in _ROOMS:
                page.goto(f"{site.address}/{room}?lang={language}")
                keep(f"{language}-staff-{room}", _shot(page))
            page.close()
        finally:
            site.close()


def _shot(page: Page) -> Picture:
    png = page.screenshot(animations="disabled")
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    height, width = picture.shape[:2]
    if width <= _WIDTH:
        return picture.astype(np.uint8)
    size = _WIDTH, round(height * _WIDTH / width)
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def all_pictures(browser: Browser) -> Iterator[tuple[str, Picture]]:
    """Each with its name."""
    taken: list[tuple[str, Picture]] = []
    for language in LANGUAGES:
        for of in (gate_pictures, staff_pictures):
            of(browser, language, lambda name, picture: taken.append((name, picture)))
            yield from taken
            taken.clear()


def main() -> None:
    """Write them all anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.webp"):
        old.unlink()
    total = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        for name, picture in all_pictures(browser):
            path = FOLDER / f"{name}.webp"
            cv2.imwrite(str(path), picture, [cv2.IMWRITE_WEBP_QUALITY, _QUALITY])
            total += path.stat().st_size
            print(f"{path.stat().st_size:7} {path.name}")
        browser.close()
    print(f"{total:7} in all", file=sys.stderr)


if __name__ == "__main__":
    main()
