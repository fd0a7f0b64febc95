"""The gate's page in a browser, waited for until it shows what its board says."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from playwright.sync_api import Page, expect

from checkpoint.gate.context import Show
from checkpoint.gate.state import Case
from config.settings import ScreenTable
from drivers import Picture
from kiosk.screen.preview import CameraPreview
from tests.ending import joined
from tests.kiosk.screen.gate_page import GateSite

_SAY_WHEN_TOLD: Final = """
document.addEventListener("htmx:sseBeforeMessage", (event) => {
  if (event.detail.type === "alive") document.documentElement.dataset.told = "all";
}, true);
"""


def open_page(page: Page, address: str) -> None:
    """Load it and await its first messages: they put every part in anew, under a finger or a focus."""
    page.add_init_script(_SAY_WHEN_TOLD)
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("data-told", "all")


def show(page: Page, site: GateSite, what: Show) -> None:
    """Until the page shows it; two that have the same face are told apart by their number."""
    site.board.show(what)
    number, _ = site.board.resident("en")
    face = page.locator("#resident .face")
    expect(face).to_have_attribute("data-shown", str(number))
    expect(face).to_have_attribute("data-face", what.face.value)


def on_duty(page: Page, site: GateSite, *cases: Case) -> None:
    """A volunteer is there, and the page shows those who wait."""
    site.on_duty(*cases)
    expect(page.locator("#cases details")).to_have_count(len(cases))


@contextmanager
def before_the_camera(preview: CameraPreview, picture: Picture) -> Iterator[None]:
    """The camera gives this picture for as long as it takes: an old one is not shown."""
    gone = threading.Event()

    def give() -> None:
        while not gone.wait(0.1):
            preview.take(picture)

    camera = threading.Thread(target=give)
    camera.start()
    try:
        yield
    finally:
        gone.set()
        joined(camera)


def night(**more: Any) -> ScreenTable:
    """It is night for an hour yet, and has been for one, at the compound: no night lasts the whole day."""
    now = datetime.now(UTC) + timedelta(hours=8)
    begun, ends = (f"{now + timedelta(hours=hours):%H:%M}" for hours in (-1, 1))
    return ScreenTable(night_from=begun, night_until=ends, **more)
