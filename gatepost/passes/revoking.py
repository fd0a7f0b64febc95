"""gatepost pass revoke | restore."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatepost.cli.admin_action import By, CompoundOption, Reason, admin_action
from gatepost.cli.collector_database import CollectorConfig
from gatepost.cli.options import AsJson

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from checkpoint.ids import CompoundId, PersonId, Revision
    from collector.store.orders import AdminAction

    _Deed = Callable[[Connection, AdminAction, CompoundId, PersonId, int], Revision | None]

Person = Annotated[str, typer.Argument(metavar="PERSON", help="The id on the pass.")]


def revoke(
    person: Person,
    config: CollectorConfig,
    reason: Reason,
    serial: Annotated[
        int | None, typer.Option("--serial", metavar="N", help="This one pass.")
    ] = None,
    below: Annotated[
        int | None,
        typer.Option(
            "--below",
            metavar="N",
            help="All with a lower serial: what a reprint with serial N needs.",
        ),
    ] = None,
    compound: CompoundOption = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Make passes void at every gate: lost, lent, reprinted. Say --serial or --below.

    A void pass is refused coming in, and told to the staff. It stays void when the roster is imported anew. A gate
    that is cut off obeys as soon as it is connected again.
    """
    from collector.actions.admin_actions import revoke_below, revoke_pass

    which = {"--serial": (serial, revoke_pass), "--below": (below, revoke_below)}
    revision = _do(_chosen(which), person, config, (reason, compound, by))
    passes = f"serial {serial}" if below is None else f"all below {below}"
    _say(person, passes, "void", revision, as_json=as_json)


def restore(
    person: Person,
    config: CollectorConfig,
    reason: Reason,
    serial: Annotated[
        int | None, typer.Option("--serial", metavar="N", help="This one pass.")
    ] = None,
    start: Annotated[
        int | None,
        typer.Option("--from", metavar="N", help="All from this serial on: takes back --below."),
    ] = None,
    compound: CompoundOption = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Take a revocation back. Say --serial or --from.

    Passes that were revoked one by one stay void when --from lets all others be valid again.
    """
    from collector.actions.admin_actions import restore_below, restore_pass

    which = {"--serial": (serial, restore_pass), "--from": (start, restore_below)}
    revision = _do(_chosen(which), person, config, (reason, compound, by))
    passes = f"serial {serial}" if start is None else f"all from {start} on"
    _say(person, passes, "valid", revision, as_json=as_json)


def _chosen(which: "Mapping[str, tuple[int | None, _Deed]]") -> "tuple[int, _Deed]":
    given = [
        (number, admin_action) for number, admin_action in which.values() if number is not None
    ]
    if len(given) != 1:
        raise typer.BadParameter(f"say one of {' and '.join(which)}")
    return given[0]


def _do(
    chosen: "tuple[int, _Deed]",
    person: str,
    config: Path,
    terms: tuple[str, int | None, str | None],
) -> "Revision | None":
    from checkpoint.ids import PersonId
    from collector.actions.compound_lookup import of_person

    (number, do), (reason, compound, by) = chosen, terms
    with admin_action(config, by, reason) as (connection, done):
        where = of_person(connection, person, compound)
        return do(connection, done, where, PersonId(person), number)


def _say(
    person: str, passes: str, state: str, revision: "Revision | None", *, as_json: bool
) -> None:
    if as_json:
        print(
            json.dumps({"person": person, "passes": passes, "state": state, "revision": revision})
        )
    elif revision is None:
        print(f"{person}, {passes}: {state} already")
    else:
        print(f"{person}, {passes}: {state} now, revision {revision}")
