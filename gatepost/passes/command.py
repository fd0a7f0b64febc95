"""gatepost pass issue | verify."""

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from checkpoint.entry_pass import Kind
from config.key_files import PASS_KEY, TRUST
from gatepost.cli.options import AsJson, KeysFolder
from gatepost.passes.revoking import restore, revoke

app = typer.Typer(help="Issue passes, look at them, revoke them.", no_args_is_help=True)
app.command()(revoke)
app.command()(restore)
QR_VERSION = 7
ZONE = "Asia/Shanghai"


@app.command()
def issue(
    keys: KeysFolder,
    person: Annotated[str, typer.Option(metavar="ID", help="1 to 8 printable ASCII characters.")],
    serial: Annotated[
        int, typer.Option(metavar="N", help="Higher than on this person's earlier passes.")
    ],
    start: Annotated[
        str, typer.Option("--from", metavar="T", help="2026-03-01 or 2026-03-01T08:00+08:00.")
    ],
    until: Annotated[
        str, typer.Option("--until", metavar="T", help="As --from; a date counts to its end.")
    ],
    out: Annotated[Path, typer.Option(metavar="F", help="Picture to write, .svg or .png.")],
    kind: Annotated[
        Kind, typer.Option(metavar="K", help="resident, duty, worker, visitor or vehicle.")
    ] = Kind.RESIDENT,
    compound: Annotated[int, typer.Option(metavar="C", help="The compound's number.")] = 1,
) -> None:
    """Sign a pass and write its QR code; the code's text goes to stdout.

    Print it at 40 mm or more. Times without a zone are China's (Asia/Shanghai).
    """
    from checkpoint.entry_pass import Claims, issue_pass
    from checkpoint.ids import CompoundId, PersonId
    from config.trust import load_private_key

    if out.suffix not in {".svg", ".png"}:
        raise typer.BadParameter(f"{out}: the name must end in .svg or .png", param_hint="--out")
    not_before_s, expires_s = _moment("--from", start), _moment("--until", until, end_of_day=True)
    if expires_s <= not_before_s:
        raise typer.BadParameter("the end must come after the beginning", param_hint="--until")
    claims = Claims(PersonId(person), serial, CompoundId(compound), not_before_s, expires_s, kind)
    key = load_private_key(keys / PASS_KEY)
    try:
        text = issue_pass(claims, key)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    _draw(text, out)
    print(text)


def _draw(text: str, out: Path) -> None:
    import segno

    code = segno.make_qr(text, version=QR_VERSION, error="m", boost_error=False)
    try:
        code.save(str(out), scale=10, border=4)
    except OSError as error:
        raise typer.BadParameter(f"{out}: {error.strerror}", param_hint="--out") from None


@app.command()
def verify(
    keys: KeysFolder,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What the QR code says.")],
    as_json: AsJson = False,
) -> None:
    """Say whether a pass is genuine and what it states. Exit code 0: genuine, 1: not.

    Dates are not judged here; that is the gate's business.
    """
    from checkpoint.entry_pass import Rejection, read_pass
    from config.trust import load_trust

    claims = read_pass(text, load_trust(keys / TRUST).passes)
    if isinstance(claims, Rejection):
        print(json.dumps({"verdict": claims.value}) if as_json else claims.value)
        raise typer.Exit(1)
    facts = {
        "verdict": "VALID",
        "person": claims.person,
        "serial": claims.serial,
        "compound": claims.compound,
        "kind": claims.kind.value,
        "from": _as_text(claims.not_before_s),
        "until": _as_text(claims.expires_s),
    }
    print(json.dumps(facts) if as_json else "\n".join(f"{k}\t{v}" for k, v in facts.items()))


def _moment(option: str, text: str, *, end_of_day: bool = False) -> int:
    zone = ZoneInfo(ZONE)
    try:
        if len(text) == len("2026-03-01"):
            day = date.fromisoformat(text) + timedelta(days=int(end_of_day))
            moment = datetime.combine(day, time(), zone)
        else:
            moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        example = "use 2026-03-01 or 2026-03-01T08:00+08:00"
        raise typer.BadParameter(f"{text!r} is no time; {example}", param_hint=option) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())


def _as_text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, ZoneInfo(ZONE)).isoformat()
