"""What gatepost roster import --into does: the people of a file become the roster of the collector's database."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import typer

from gatepost.cli.admin_action import admin_action
from gatepost.roster.report import SentRoster, say, say_changes

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from checkpoint.ids import Revision
    from collector.domain.people import People
    from collector.processes.compose import OutboundMessage
    from collector.roster_files.people import PeopleFile
    from collector.roster_files.preview import ImportPreview
    from ui.words import Language


@dataclass(frozen=True, slots=True)
class Into:
    """Where the people shall go, who says so and why."""

    config: Path
    by: str | None
    reason: str
    only_preview: bool
    yes: bool
    """Do not ask, even on a terminal."""


def import_into(
    findings: "PeopleFile", target: Into, language: "Language", *, as_json: bool
) -> None:
    """Put the people into the database, and say what changes and what every gate will be sent.

    On a terminal that is said first, with nothing locked while somebody thinks about it. Raises typer.Exit(1)
    where they say no.
    """
    from collector.roster_files.wording import asked, ending_line

    asks = findings.usable and sys.stdin.isatty() and not (target.yes or target.only_preview)
    if asks:
        view, sent = _take(findings, target, keeps=False)
        say_changes(view, sent, language)
        if not typer.confirm(asked(findings.people.compound, language), err=True):
            raise typer.Exit(1)
    keeps = findings.usable and not target.only_preview
    view, sent = _take(findings, target, keeps=keeps)
    written = target.config if keeps else None
    if asks and not as_json:
        print(ending_line(str(written), language))
    else:
        say(view, sent, written, language, as_json=as_json)


def _take(
    findings: "PeopleFile", target: Into, *, keeps: bool
) -> tuple["ImportPreview", SentRoster | None]:
    """What changes, and what is sent; unless it ``keeps`` it, all is taken back at the end.

    Where the file is not usable nothing is tried, and nothing sent.
    """
    from collector.actions.admin_actions import import_people
    from collector.roster_files.preview import preview
    from collector.store.revisions import in_force
    from collector.store.roster import people_of

    makes = not target.only_preview
    with admin_action(target.config, target.by, target.reason, makes=makes) as (connection, done):
        compound = findings.people.compound
        before = in_force(connection, compound).roster_revision
        old = None if before is None else people_of(connection, compound)
        view = preview(_coloured(findings, old), old)
        if not findings.usable:
            return view, None
        sent = _sent(connection, view, before, import_people(connection, done, view.people))
        if not keeps:
            connection.rollback()
        return view, sent


def _coloured(findings: "PeopleFile", old: "People | None") -> "PeopleFile":
    """Households of whose colour the file says nothing keep what they have: a red one must not turn green so."""
    has = {home.id: home.colour for home in old.households} if old else {}
    households = tuple(
        msgspec.structs.replace(home, colour=has[home.id])
        if home.id in findings.uncoloured and home.id in has
        else home
        for home in findings.people.households
    )
    people = msgspec.structs.replace(findings.people, households=households)
    return replace(findings, people=people)


def _sent(
    connection: "Connection",
    view: "ImportPreview",
    before: "Revision | None",
    revision: "Revision | None",
) -> SentRoster:
    from collector.processes.compose import Composer
    from collector.store.revisions import in_force

    if revision is None:
        return SentRoster("nothing", 0, None)
    now = in_force(connection, view.people.compound)
    outbound = Composer("").answer_roster(connection, now, before)
    return SentRoster("nothing", 0, revision) if outbound is None else _of(outbound, revision)


def _of(outbound: "OutboundMessage", revision: "Revision") -> SentRoster:
    # The body travels as text inside the signed message; key id and signature take 170 bytes.
    return SentRoster(
        outbound.purpose.value, len(msgspec.json.encode(outbound.body.decode())) + 170, revision
    )
