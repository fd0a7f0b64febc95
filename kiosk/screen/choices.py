"""What a site has chosen on its gate's page itself: language, size, voice. The PIN of the settings lets nobody else.

The choices lie in screen.json in the gate's data folder and take the place of the settings' own values; a file that
cannot be read is as none. Five wrong PINs running close the door to the settings for a minute.
"""

import hmac
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from config.log_lines import logger
from config.settings import ScreenTable
from ui.words import Language

FILE: Final = "screen.json"
TRIES: Final = 5
CLOSED_S: Final = 60.0
_LOG = logger()


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As chosen."""

    language: Language = "zh_CN"
    large_text: bool = False
    voice_led: bool = False
    """What is to be done is said aloud, again and by night too."""
    volume: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.8


class _Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the page sends."""

    pin: str
    choice: Choice


class Choices:
    """The choice in force. Safe between threads."""

    def __init__(self, screen: ScreenTable, folder: Path | None = None) -> None:
        self._pin = screen.pin
        self._path = None if folder is None else folder / FILE
        self._lock = threading.Lock()
        self._wrong, self._closed_until_s = 0, 0.0
        self.revision = 0
        """Another one for every choice; pages of an older one load themselves anew."""
        self.current = self._stored() or Choice(screen.language, volume=screen.volume)

    @property
    def has_pin(self) -> bool:
        """Whether the settings can be opened at all."""
        return bool(self._pin)

    def choose(self, pin: str, choice: Choice, now_s: float) -> str:
        """Take a choice up. Empty: done; otherwise why not: no_pin, closed, wrong_pin or not_kept."""
        with self._lock:
            if not self._pin:
                return "no_pin"
            if now_s < self._closed_until_s:
                return "closed"
            if not hmac.compare_digest(pin.encode(), self._pin.encode()):
                self._wrong += 1
                if self._wrong >= TRIES:
                    self._wrong, self._closed_until_s = 0, now_s + CLOSED_S
                    _LOG.warning("settings of the page closed", wrong_pins=TRIES)
                return "wrong_pin"
            self._wrong = 0
            try:
                self._keep(choice)
            except OSError as error:
                _LOG.warning("choice not kept", why=str(error))
                return "not_kept"
            self.current = choice
            self.revision += 1
            return ""

    def _stored(self) -> Choice | None:
        if self._path is None:
            return None
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Choice)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            _LOG.warning("choice not read", file=str(self._path), why=str(error))
            return None

    def _keep(self, choice: Choice) -> None:
        """Whole or not at all."""
        if self._path is None:
            return
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=FILE)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(choice))
        Path(name).replace(self._path)


def add_choices(app: FastAPI, choices: Choices, is_known: Callable[[str], bool]) -> None:
    """POST /settings with a PIN and a whole choice."""

    @app.post("/settings")
    async def choose(request: Request) -> Response:
        if not is_known(request.headers.get("X-Gatepost-Token", "")):
            return JSONResponse({"done": False, "objection": "reload"}, 403)
        try:
            wanted = msgspec.json.decode(await request.body(), type=_Wanted)
        except msgspec.MsgspecError as error:
            return JSONResponse({"done": False, "objection": str(error)}, 400)
        why = await run_in_threadpool(choices.choose, wanted.pin, wanted.choice, time.monotonic())
        return JSONResponse({"done": not why, "objection": why}, 409 if why else 200)
