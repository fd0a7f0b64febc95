"""gatepost policy preview, and policy set beside it."""

import json
import time
from datetime import datetime
from typing import Annotated

import typer

from gatepost.cli.any_roster import RosterFile, read_any_roster
from gatepost.cli.options import AsJson, MessageLanguage, PolicyName, read_policy
from gatepost.policy.explain import time_option
from gatepost.policy.set_ import set_

app = typer.Typer(help="Look at what a policy would do, and put it in force.", no_args_is_help=True)
app.command("set")(set_)


@app.command()
def preview(
    roster: RosterFile,
    policy: PolicyName,
    language: MessageLanguage,
    against: Annotated[
        str, typer.Option(metavar="PRESET|FILE", help="The policy that is in force now.")
    ] = "ordinary",
    at: Annotated[
        str | None,
        typer.Option(
            metavar="ISO-TIME",
            help="The moment to look at; without a zone by the compound's clock.",
            show_default="now",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say how many people a change of policy affects, and who.

    Looks at what the gates would say at one moment to each person coming in and going out, healthy and with
    nothing known of earlier passages, and at the curfew and the quota that bind them at any moment. What
    changes for everybody, such as a limit, is told once. Exit code 0 whatever changes, 2 for bad input.
    """
    from zoneinfo import ZoneInfo

    from checkpoint.rules.policy_impact import affected, changed_limits
    from checkpoint.rules.what_if import CompoundRules
    from gatepost.policy.words import PolicyPreview, as_json_object, as_lines

    old, new = read_policy(against), read_policy(policy)
    zone = ZoneInfo(old.timezone)
    compound = CompoundRules(read_any_roster(roster), old, zone)
    at_s = int(time.time()) if at is None else time_option(at, zone)
    found = PolicyPreview(
        compound=compound,
        policy=new,
        at=datetime.fromtimestamp(at_s, zone),
        limits=changed_limits(old, new),
        affected=tuple(affected(compound, new, at_s)),
    )
    if as_json:
        print(json.dumps(as_json_object(found), ensure_ascii=False))
    else:
        print("\n".join(as_lines(found, language.catalogue)))
