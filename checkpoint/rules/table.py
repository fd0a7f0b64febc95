"""Who may pass: one ordered table of small rules, and decide() over all of it.

Every rule is asked, each one function. Refuse beats Hold beats Admit; among Refuses the first of the
table gives the reason, among Holds FEVER and then the first. The flags of all rules that apply are
kept. docs/rules.md and the tests show the same table.

A new rule is one function in the file of its group, *_rules.py, and its place in the group's tuple there.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from checkpoint.policy import Direction
from checkpoint.rules.facts import Facts, Finding, Outcome, Rule
from checkpoint.rules.gate_rules import GATE_RULES
from checkpoint.rules.history_rules import PASSAGE_RULES, REMARKS
from checkpoint.rules.hours_rules import HOURS_RULES
from checkpoint.rules.household_rules import HOUSEHOLD_RULES
from checkpoint.rules.pass_rules import PASS_RULES
from checkpoint.rules.temperature_rules import TEMPERATURE_RULES
from checkpoint.verdict import Admit, Hold, Reason, Refuse, Verdict

TABLE: Final[tuple[Rule, ...]] = (
    *PASS_RULES,
    *HOUSEHOLD_RULES,
    *HOURS_RULES,
    *PASSAGE_RULES,
    *TEMPERATURE_RULES,
    *REMARKS,
    *GATE_RULES,
)
_ALL_BUT_TEMPERATURE: Final = tuple(rule for rule in TABLE if rule not in TEMPERATURE_RULES)


def decide(facts: Facts) -> Verdict:
    """The verdict on one scan."""
    return _verdict(_findings(facts, TABLE))


def needs_reading(facts: Facts) -> bool:
    """Whether a temperature can still change the verdict: not where a row has already said Refuse."""
    if facts.direction not in facts.policy.measured:
        return False
    return all(finding.outcome is not Outcome.REFUSE for finding in _findings(facts, TABLE))


def pass_is_good(facts: Facts) -> bool:
    """Whether there is nothing against the pass itself."""
    return all(finding.outcome is Outcome.FLAG for finding in _findings(facts, PASS_RULES))


def rests_on_direction(facts: Facts) -> bool:
    """Whether somebody would be measured or stopped only because of the way they are taken to go.

    Nobody is held or refused on a guess: where the direction is only inferred, the bearer is asked first.
    """
    if len(facts.policy.measured) == 1:  # one way is measured and the other is not
        return True
    verdict = _without_temperature(facts)
    if isinstance(verdict, Admit):
        return False
    other = Direction.OUT if facts.direction is Direction.IN else Direction.IN
    opposite = _without_temperature(replace(facts, direction=other))
    return isinstance(opposite, Admit) or (type(opposite), opposite.reason) != (
        type(verdict),
        verdict.reason,
    )


def _without_temperature(facts: Facts) -> Verdict:
    return _verdict(_findings(facts, _ALL_BUT_TEMPERATURE))


def _verdict(findings: list[Finding]) -> Verdict:
    flags = frozenset(finding.flag for finding in findings if finding.flag is not None)
    gravest = max((finding.outcome for finding in findings), default=Outcome.FLAG)
    if gravest is Outcome.FLAG:
        return Admit(flags)
    reasons = [finding.reason for finding in findings if finding.outcome is gravest]
    if gravest is Outcome.REFUSE:
        return Refuse(reasons[0], flags)
    return Hold(Reason.FEVER if Reason.FEVER in reasons else reasons[0], flags)


def _findings(facts: Facts, rules: Iterable[Rule]) -> list[Finding]:
    return [finding for rule in rules if (finding := rule(facts)) is not None]
