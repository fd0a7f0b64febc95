"""The house: which folder leans on which, read from the source. import-linter keeps the walls that have names."""

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
