"""The temperature."""

from typing import Final

from checkpoint.rules.facts import Facts, Finding, Outcome, Rule
from checkpoint.thermometry import Temperature
from checkpoint.verdict import Flag, Reason

_NO_TEMPERATURE: Final = {
    Temperature.NO_READING: Reason.NO_READING,
    Temperature.SENSOR_FAULT: Reason.SENSOR_FAULT,
    Temperature.AMBIENT_OUT_OF_RANGE: Reason.AMBIENT_OUT_OF_RANGE,
}


def no_temperature(facts: Facts) -> Finding | None:
    """Also answers when the policy measures and nobody did: silence is never "normal"."""
    if facts.direction not in facts.policy.measured:
        return None
    if facts.reading is None:
        return Finding(Outcome.HOLD, Reason.NO_READING)
    reason = _NO_TEMPERATURE.get(facts.reading.outcome)
    return None if reason is None else Finding(Outcome.HOLD, reason)


def fever(facts: Facts) -> Finding | None:
    if not _measured_as(facts, Temperature.FEVER):
        return None
    return Finding(Outcome.HOLD, Reason.FEVER, Flag.FEVER)


def doubtful_temperature(facts: Facts) -> Finding | None:
    if _measured_as(facts, Temperature.UNSURE):
        return Finding(Outcome.HOLD, Reason.UNSURE)
    if _measured_as(facts, Temperature.TOO_LOW):
        return Finding(Outcome.HOLD, Reason.TOO_LOW)
    return None


def _measured_as(facts: Facts, outcome: Temperature) -> bool:
    reading = facts.reading
    measured = facts.direction in facts.policy.measured
    return measured and reading is not None and reading.outcome is outcome


TEMPERATURE_RULES: Final[tuple[Rule, ...]] = (
    no_temperature,
    fever,
    doubtful_temperature,
)
