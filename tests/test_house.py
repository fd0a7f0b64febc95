"""The house, read from the source: which folder leans on which, one public class a name, short functions.

import-linter keeps the walls that have names.
"""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
ROOMS: Final = (
    "checkpoint",
    "drivers",
    "config",
    "ui",
    "sync",
    "kiosk",
    "collector",
    "simulation",
    "gatepost",
)


def imported(source: str) -> Iterator[str]:
    """Every dotted name that might be a module, wherever in the file it is imported."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def leans_on(root: Path) -> dict[str, set[str]]:
    """For each folder with Python files the folders that its files import from; a folder is named as a package."""
    files = [file for room in ROOMS for file in (root / room).rglob("*.py")]
    folder_of: dict[str, str] = {}
    for file in files:
        folder = ".".join(file.parent.relative_to(root).parts)
        folder_of[folder if file.stem == "__init__" else f"{folder}.{file.stem}"] = folder
    leans: dict[str, set[str]] = {folder: set() for folder in folder_of.values()}
    for file in files:
        folder = ".".join(file.parent.relative_to(root).parts)
        found = {
            folder_of[name]
            for name in imported(file.read_text(encoding="utf-8"))
            if name in folder_of
        }
        leans[folder] |= found - {folder}
    return leans


def test_no_folders_import_each_other_not_even_in_a_circle() -> None:
    leans = leans_on(ROOT)
    assert leans["kiosk.screen"] >= {"kiosk.devices", "kiosk.files"}, (
        "the reader of imports sees some"
    )
    try:
        TopologicalSorter(leans).prepare()
    except CycleError as error:
        pytest.fail(f"folders import each other in a circle: {' <- '.join(error.args[1])}")


def test_an_import_in_both_directions_would_be_seen(tmp_path: Path) -> None:
    for folder, text in (
        ("kiosk/files", "from kiosk.screen import page"),
        ("kiosk/screen", "import kiosk.files"),
    ):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "__init__.py").touch()
        (tmp_path / folder / "page.py").write_text(f"def late() -> None:\n    {text}\n")
    leans = leans_on(tmp_path)
    assert leans == {"kiosk.files": {"kiosk.screen"}, "kiosk.screen": {"kiosk.files"}}
    with pytest.raises(CycleError):
        TopologicalSorter(leans).prepare()


LONGEST_FUNCTION_LINES: Final = 40
LONGER: Final = {
    # Half of each is what it may be asked for, in words for --help.
    "gatepost/policy/explain.py: explain",
    "gatepost/roster/import_.py: import_",
    "gatepost/simulate/command.py: fleet",
    # A table.
    "simulation/arrivals.py: fixed_scenario",
    # Never changed again.
    "collector/store/migrations/versions/0001_first.py: _make_records",
    "collector/store/migrations/versions/0002_staff.py: upgrade",
    "collector/store/migrations/versions/0003_down.py: _make_rosters",
}


def files_of(root: Path) -> Iterator[tuple[str, ast.Module]]:
    """Every Python file of the product with its path from there."""
    for room in ROOMS:
        for file in sorted((root / room).rglob("*.py")):
            yield str(file.relative_to(root)), ast.parse(file.read_text(encoding="utf-8"))


def long_functions(root: Path) -> set[str]:
    return {
        f"{file}: {node.name}"
        for file, tree in files_of(root)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION_LINES
    }


def places_of_classes(root: Path) -> dict[str, list[str]]:
    """In which files each public class name stands."""
    places: dict[str, list[str]] = {}
    for file, tree in files_of(root):
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(file)
    return places


def test_a_public_class_name_means_one_thing() -> None:
    twice = {name: files for name, files in places_of_classes(ROOT).items() if len(files) > 1}
    assert twice == {}


def test_functions_are_short_but_for_those_that_are_named_here() -> None:
    assert long_functions(ROOT) == LONGER


def test_a_second_class_of_a_name_and_a_long_function_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "kiosk").mkdir()
    for file in ("one", "two"):
        (tmp_path / "kiosk" / f"{file}.py").write_text("class Desk:\n    pass\n")
    lines = "\n".join(f"    x = {number}" for number in range(LONGEST_FUNCTION_LINES))
    (tmp_path / "kiosk" / "long.py").write_text(
        f"def short() -> None:\n    pass\n\ndef long():\n{lines}\n"
    )
    assert places_of_classes(tmp_path)["Desk"] == ["kiosk/one.py", "kiosk/two.py"]
    assert long_functions(tmp_path) == {"kiosk/long.py: long"}
