"""Debian's Chromium, and the rules that every page keeps."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.patience import PATIENCE_S
from ui import SOUNDS
from ui.sounds import render

expect.set_options(timeout=PATIENCE_S * 1000)
_AXE: Final = Path(__file__).parent / "vendor" / "axe.min.js"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's; root may not sandbox, and a kiosk waits for no gesture to sound.

    Not for the whole session: while it runs, playwright holds an event loop, and no other test can have its own.
    """
    if not (SOUNDS / "alert.wav").exists():
        render(SOUNDS)
    flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page without a past."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_S * 1000)
    yield context.new_page()
    context.close()


@pytest.fixture(autouse=True)
def _manners(page: Page) -> Iterator[None]:
    """No page may complain on the console, break its content security policy, or ask another machine."""
    wrong: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # A server that is gone is no fault of the page: Chromium says the first three, by how far it had come, and
        # htmx's SSE extension the fourth.
        # 409 is a gate's answer to a volunteer whom it cannot obey.
        expected = (
            "ERR_CONNECTION",
            "ERR_INCOMPLETE",
            "ERR_CONTENT_LENGTH",
            "[object Event]",
            "409 (Conflict)",
        )
        gone = any(each in message.text for each in expected)
        if message.type in {"error", "warning"} and not gone:
            wrong.append(message.text)

    def watch(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            wrong.append(f"asked {request.url}")

    page.on("console", hear)
    page.on("request", watch)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield
    assert wrong == []


@pytest.fixture
def axe(page: Page) -> Any:
    """Judges the page as it is now; returns what is wrong."""

    def judge() -> list[str]:
        page.evaluate(_AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{violation['id']}: {node['html']} {node['failureSummary']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    return judge
