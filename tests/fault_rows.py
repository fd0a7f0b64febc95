"""docs/faults.md: which tests show which row. A test is named after the rows that it shows.

test_fault_07_... shows one, test_faults_07_20_... two, test_faults_30_to_34_... five.

python -m tests.fault_rows writes the last column anew.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
DOCUMENT: Final = ROOT / "docs" / "faults.md"
_ROW: Final = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|(.*)\|$")
_NUMBERS: Final = re.compile(r"test_faults?_((?:\d+_|to_)+)")


def rows_of(name: str) -> list[int]:
    """The rows that a test of this name shows: faults_30_to_34 are five, fault_07_20 two."""
    found = _NUMBERS.match(name)
    words = found[1].rstrip("_").split("_") if found else []
    rows: list[int] = []
    for place, word in enumerate(words):
        if word == "to":
            rows.extend(range(rows[-1] + 1, int(words[place + 1])))
        else:
            rows.append(int(word))
    return rows


def shown() -> dict[int, list[str]]:
    """For each row the names of its tests, in the order of their files."""
    tests: defaultdict[int, list[str]] = defaultdict(list)
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for row in rows_of(node.name):
                    tests[row].append(node.name)
    return dict(tests)


def documented() -> dict[int, str]:
    """The last cell of each row of the document."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    return {int(row[1]): row[4].strip() for line in lines if (row := _ROW.match(line))}


def cell(tests: list[str]) -> str:
    """The last cell of a row that these tests show."""
    return "<br>".join(f"`{name}`" for name in dict.fromkeys(tests)) or "none yet"


def main() -> None:
    """Write the last column."""
    tests = shown()
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    written = [
        f"| {row[1]} | {row[2]} | {row[3]} | {cell(tests.get(int(row[1]), []))} |"
        if (row := _ROW.match(line))
        else line
        for line in lines
    ]
    DOCUMENT.write_text("\n".join(written) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
