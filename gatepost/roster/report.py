"""What gatepost roster import says: for people, or as one JSON object."""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checkpoint.ids import Revision
    from collector.roster_files.mistakes import Problem
    from collector.roster_files.preview import ImportPreview
    from ui.words import Language


@dataclass(frozen=True, slots=True)
class SentRoster:
    """What every gate will be sent."""

    what: str
    """roster, roster-change, or nothing."""
    bytes: int
    revision: "Revision | None"


def say(
    view: "ImportPreview",
    sent: SentRoster | None,
    written: Path | None,
    language: "Language",
    *,
    as_json: bool,
) -> None:
    """What is in the file, what changes, and where it was written to."""
    if as_json:
        from collector.roster_files.preview_json import as_json as preview_as_json

        facts = {**preview_as_json(view), "written": str(written) if written else None}
        print(json.dumps({**facts, "sent": asdict(sent)} if sent else facts))
        return
    from collector.roster_files.wording import ending_line

    stream = sys.stdout if view.findings.usable else sys.stderr
    say_changes(view, sent, language)
    print(ending_line(str(written) if written else None, language), file=stream)


def say_changes(view: "ImportPreview", sent: SentRoster | None, language: "Language") -> None:
    """All but the last line."""
    from collector.roster_files.wording import preview_lines, sent_line

    lines = list(preview_lines(view, language))
    if sent is not None:
        lines.append(sent_line(sent.what, sent.bytes, language))
    print("\n".join(lines), file=sys.stdout if view.findings.usable else sys.stderr)


def say_unreadable(problem: "Problem", language: "Language", *, as_json: bool) -> None:
    """Why no cell of the file can be read."""
    from collector.roster_files.preview_json import problem_as_json
    from collector.roster_files.wording import problem_line

    if as_json:
        problems = [problem_as_json(problem)]
        print(json.dumps({"usable": False, "problem_count": 1, "problems": problems}))
    else:
        print(problem_line(problem, language), file=sys.stderr)
