"""What a volunteer asks, as it comes over HTTP -> a request for the gate.

    {"ask": "admit", "case": 1893456789123456, "reason": "nurse, letter seen", "by": "V1"}

``by`` is who asks, by default whoever signed on last. A visitor's name and phone are sealed to the centre here,
before anything else sees them.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from checkpoint.gate.events import (
    AdmitCase,
    DenyCase,
    DirectionChosen,
    HandHeld,
    OpenDoor,
    Register,
    Remeasure,
    ShutDoor,
    Sign,
    Undo,
    VolunteerRequest,
)
from sync.wire.sealed import seal

REQUESTS: Final[dict[str, type[VolunteerRequest]]] = {
    "admit": AdmitCase,
    "deny": DenyCase,
    "remeasure": Remeasure,
    "hand-held": HandHeld,
    "open": OpenDoor,
    "shut": ShutDoor,
    "undo": Undo,
    "sign": Sign,
    "register": Register,
    "direction": DirectionChosen,
}
MAX_TEXT: Final = 200


class BadRequest(ValueError):
    """The request cannot be understood; the message names the field and the mend."""


def read_request(body: bytes, sealing: X25519PublicKey | None) -> Callable[[int], VolunteerRequest]:
    """The request but for its number. Raises BadRequest."""
    try:
        given = msgspec.json.decode(body, type=dict[str, Any])
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"send one JSON object: {error}") from None
    name = given.pop("ask", None)
    if name not in REQUESTS:
        raise BadRequest(f"ask: use one of {', '.join(REQUESTS)}, not {name!r}")
    kind = REQUESTS[name]
    if kind is Register:
        given = _sealed(given, sealing)
    _check(name, kind, given)

    def make(number: int) -> VolunteerRequest:
        made: VolunteerRequest = msgspec.convert({**given, "request": number}, kind)
        return made

    try:
        make(0)
    except msgspec.ValidationError as error:
        raise BadRequest(f"{name}: {error}") from None
    return make


def _check(name: str, kind: type[VolunteerRequest], given: dict[str, Any]) -> None:
    known = {field.name: field for field in fields(kind) if field.name != "request"}
    for key, value in given.items():
        if key not in known:
            raise BadRequest(f"{name}: no field {key!r}; there is {', '.join(known)}")
        if isinstance(value, str) and key != "sealed" and len(value) > MAX_TEXT:
            raise BadRequest(f"{name}: {key} is longer than {MAX_TEXT} characters")
    for key, field in known.items():
        if field.default is MISSING and key not in given:
            raise BadRequest(f"{name}: {key} is missing")


def _sealed(given: dict[str, Any], sealing: X25519PublicKey | None) -> dict[str, Any]:
    """Without name and phone, which go under the seal; ``sealed`` itself cannot be sent."""
    given.pop("sealed", None)
    personal = {key: given.pop(key) for key in ("name", "phone") if given.get(key)}
    if not all(isinstance(text, str) and len(text) <= MAX_TEXT for text in personal.values()):
        raise BadRequest(f"register: name and phone are texts of at most {MAX_TEXT} characters")
    if not personal:
        return given
    if sealing is None:
        raise BadRequest(
            "register: gate.trust has no sealing key, so no name can be kept;"
            " give this gate the trust.json of a newer gatepost keys init"
        )
    return {**given, "sealed": seal(msgspec.json.encode(personal), sealing)}
