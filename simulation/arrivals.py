"""The fixed scenario: who arrives, with which code and temperature, and what must come of it."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint.records import Result
from checkpoint.records.alerts import AlertCode
from checkpoint.verdict import Reason
from simulation.compound import pass_text, person

FRAMES_HELD_UP = 100
HEALTHY_CELSIUS = 36.6
FEVER_CELSIUS = 38.2


@dataclass(frozen=True, slots=True)
class Arrival:
    """One person at the gate."""

    name: str
    code: str
    result: Result
    reason: Reason | None
    alerts: tuple[AlertCode, ...] = ()
    celsius: float = HEALTHY_CELSIUS
    frames: int = 0
    """For how many frames the pass is held up after the verdict."""
    thermometer_unplugged: bool = False
    broker_away: bool = False


def fixed_scenario(issuer: Ed25519PrivateKey) -> tuple[Arrival, ...]:
    """Ten arrivals that must each come out as written here."""
    return (
        Arrival("resident", pass_text(issuer, 0), Result.ADMIT, None),
        Arrival(
            "fever",
            pass_text(issuer, 1),
            Result.HOLD,
            Reason.FEVER,
            (AlertCode.FEVER,),
            FEVER_CELSIUS,
        ),
        Arrival(
            "unknown QR",
            "https://example.org/menu?table=7",
            Result.REFUSE,
            Reason.UNKNOWN_CODE,
            (AlertCode.UNKNOWN_VISITOR,),
        ),
        Arrival(
            "forged pass",
            forged(issuer),
            Result.REFUSE,
            Reason.FORGED,
            (AlertCode.FORGED_PASS,),
        ),
        Arrival(
            "expired pass",
            pass_text(issuer, 2, days_from=-60, days_until=-1),
            Result.HOLD,
            Reason.EXPIRED,
        ),
        Arrival(
            "revoked pass",
            pass_text(issuer, 3, serial=1),
            Result.REFUSE,
            Reason.REVOKED,
            (AlertCode.REVOKED_PASS_USED,),
        ),
        Arrival(
            "not in the roster",
            pass_text(issuer, 99),
            Result.HOLD,
            Reason.UNKNOWN_PERSON,
            (AlertCode.UNKNOWN_VISITOR,),
        ),
        Arrival(
            "thermometer unplugged",
            pass_text(issuer, 4),
            Result.HOLD,
            Reason.NO_READING,
            thermometer_unplugged=True,
        ),
        Arrival(
            f"same pass for {FRAMES_HELD_UP} frames",
            pass_text(issuer, 5),
            Result.ADMIT,
            None,
            frames=FRAMES_HELD_UP,
        ),
        Arrival("broker away", pass_text(issuer, 6), Result.ADMIT, None, broker_away=True),
    )


def forged(issuer: Ed25519PrivateKey) -> str:
    """A genuine pass with the next person's id put into its payload: only the signature can tell.

    The id's last byte lies inside one base45 group, so its text is changed through the bytes.
    """
    import base45

    prefix, encoded = pass_text(issuer, 7).split(":", 1)
    raw = base45.b45decode(encoded)
    changed = raw.replace(person(7).encode(), person(8).encode())
    return f"{prefix}:{base45.b45encode(changed).decode()}"
