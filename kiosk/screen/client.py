"""Asking a gate that runs on this machine, as its page does: on loopback, with the token of its start."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Final

from kiosk.screen.request_routes import TOKEN_FILE

WAIT_S: Final = 40.0
"""More than the gate takes for any answer."""


class NoGate(Exception):
    """No gate runs there, or it does not answer; the message says what was tried."""


def call(data: Path, path: str, body: dict[str, Any] | None) -> Any:
    """GET, or POST where there is a body; what the gate in this data folder answers, refusals too. Raises NoGate."""
    try:
        where = json.loads((data / TOKEN_FILE).read_text(encoding="ascii"))
        address = where["address"].rstrip("/")
        request = urllib.request.Request(  # noqa: S310 (the gate's own loopback address)
            address + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "X-Gatepost-Token": where["token"],
                "Origin": address,
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)
    except (OSError, ValueError) as error:
        raise NoGate(str(error)) from None
