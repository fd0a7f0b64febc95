"""The temperature."""

from typing import Final

from checkpoint.rules.facts import Answer, Outcome, Question, Rule
from checkpoint.thermometry import Temperature
from checkpoint.verdict import Flag, Reason

_NO_TEMPERATURE: Final = {
    Temperature.NO_READING: Reason.NO_READING,
    Temperature.SENSOR_FAULT: Reason.SENSOR_FAULT,
    Temperature.AMBIENT_OUT_OF_RANGE: Reason.AMBIENT_OUT_OF_RANGE,
}


def no_temperature(question: Question) -> Answer | None:
    """Also answers when the policy measures and nobody did: silence is never "normal"."""
    if question.direction not in question.policy.measured:
        return None
    if question.reading is None:
        return Answer(Outcome.HOLD, Reason.NO_READING)
    reason = _NO_TEMPERATURE.get(question.reading.outcome)
    return None if reason is None else Answer(Outcome.HOLD, reason)


def fever(question: Question) -> Answer | None:
    if not _measured_as(question, Temperature.FEVER):
        return None
    return Answer(Outcome.HOLD, Reason.FEVER, Flag.FEVER)


def doubtful_temperature(question: Question) -> Answer | None:
    if _measured_as(question, Temperature.UNSURE):
        return Answer(Outcome.HOLD, Reason.UNSURE)
    if _measured_as(question, Temperature.TOO_LOW):
        return Answer(Outcome.HOLD, Reason.TOO_LOW)
    return None


def _measured_as(question: Question, outcome: Temperature) -> bool:
    reading = question.reading
    measured = question.direction in question.policy.measured
    return measured and reading is not None and reading.outcome is outcome


TEMPERATURE_RULES: Final[tuple[Rule, ...]] = (
    no_temperature,
    fever,
    doubtful_temperature,
)
