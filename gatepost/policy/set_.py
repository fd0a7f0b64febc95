"""gatepost policy set."""

import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatepost.cli.admin_action import By, CompoundOption, admin_action
from gatepost.cli.collector_database import CollectorConfig
from gatepost.cli.options import AsJson, MessageLanguage, read_policy

if TYPE_CHECKING:
    from checkpoint.ids import CompoundId
    from checkpoint.policy import Policy
    from gatepost.policy.words import PolicyPreview


def set_(
    policy: Annotated[
        str,
        typer.Argument(
            metavar="PRESET|FILE",
            help="ordinary, one-outing-a-day, every-two-days-3h, every-two-days-1h, sealed, or a TOML file.",
        ),
    ],
    config: CollectorConfig,
    language: MessageLanguage,
    compound: CompoundOption = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; recorded.")] = "",
    by: By = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, even on a terminal.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a policy in force at every gate of a compound, after saying whom it affects.

    The effect is told as gatepost policy preview tells it, now and against the policy in force, for the roster that
    the centre has; where the centre has set none yet, against ordinary. On a terminal it then asks.
    A gate obeys the centre's policy instead of its own config's from then on. Exit code 1: you said no.
    """
    from collector.actions.admin_actions import set_policy
    from gatepost.policy.words import as_json_object, as_lines, asked, in_force_line

    new = read_policy(policy)
    where, view = _preview(config, compound, new)
    if not as_json:
        print("\n".join(as_lines(view, language.catalogue)))
    if sys.stdin.isatty() and not yes:
        question = asked(view, where, language.catalogue)
        if not typer.confirm(question, err=True):
            raise typer.Exit(1)
    with admin_action(config, by, reason) as (connection, done):
        revision = set_policy(connection, done, where, new)
    if as_json:
        facts = {**as_json_object(view), "compound": where, "revision": revision}
        print(json.dumps(facts, ensure_ascii=False))
    else:
        print(in_force_line(view, where, revision, language.catalogue))


def _preview(
    config: Path, compound: int | None, new: "Policy"
) -> tuple["CompoundId", "PolicyPreview"]:
    from zoneinfo import ZoneInfo

    from checkpoint.ids import Revision
    from checkpoint.people import Roster
    from checkpoint.rules.policy_impact import affected, changed_limits
    from checkpoint.rules.what_if import CompoundRules
    from collector.actions.compound_lookup import the_only
    from collector.store.orders import policy_order
    from collector.store.roster import whole_roster
    from gatepost.policy.words import PolicyPreview

    with admin_action(config, None, "") as (connection, _):
        where = the_only(connection, compound)
        order = policy_order(connection, where)
        roster = Roster.of(whole_roster(connection, where, Revision(0)))
    old = order.policy if order else read_policy("ordinary")
    zone, at_s = ZoneInfo(old.timezone), int(time.time())
    before = CompoundRules(roster, old, zone)
    return where, PolicyPreview(
        compound=before,
        policy=new,
        at=datetime.fromtimestamp(at_s, zone),
        limits=changed_limits(old, new),
        affected=tuple(affected(before, new, at_s)),
    )
