"""The annotated examples: each loads, and what they say of keys, defaults and ranges is what the models say."""

import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.settings import CollectorSettings, DeviceCameraTable, GateSettings, GpioLockTable
from config.settings.load import load_collector, load_gate

EXAMPLES = Path(__file__).parents[2] / "config"
HEADING = re.compile(r"^#?\[(\w+)\]$", re.MULTILINE)
KEY = re.compile(r"^(#?)(\w+) = ", re.MULTILINE)
MODELS: dict[str, type[BaseModel]] = {
    "gate.toml": GateSettings,
    "collector.toml": CollectorSettings,
}


def tables(file: str) -> list[tuple[str, str]]:
    """Each table's name and text, those that are commented out included."""
    text = (EXAMPLES / file).read_text(encoding="utf-8")
    starts = list(HEADING.finditer(text))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    return [(s[1], text[s.end() : end]) for s, end in zip(starts, ends, strict=True)]


def contents(table: str) -> dict[str, Any]:
    """What the table would hold with every key taken out of its comment."""
    return tomllib.loads("\n".join(re.sub(r"^#(?=\w)", "", line) for line in table.splitlines()))


def model_of(file: str, name: str, table: str) -> type[BaseModel]:
    """The class that this table fills; of a device, the one of its kind."""
    wanted = contents(table).get("kind")
    return next(
        model for model in options(MODELS[file], name) if wanted is None or kind(model) == wanted
    )


def options(model: type[BaseModel], name: str) -> list[type[BaseModel]]:
    """The classes that can fill a table: one, or one a kind of device."""
    annotation: Any = model.model_fields[name].annotation
    return list(get_args(annotation)) or [annotation]


def kind(model: type[BaseModel]) -> str | None:
    field = model.model_fields.get("kind")
    return get_args(field.annotation)[0] if field else None


TABLES = [(file, name, table) for file in MODELS for name, table in tables(file)]


def kinds(file: str) -> set[tuple[str, str | None]]:
    """Every table of the file, and every kind of a device."""
    return {(name, contents(table).get("kind")) for name, table in tables(file)}


def known_kinds(model: type[BaseModel]) -> set[tuple[str, str | None]]:
    return {(name, kind(option)) for name in model.model_fields for option in options(model, name)}


def explanation(table: str, key: str) -> str:
    """The comment above a key."""
    above = table[: re.search(rf"^#?{key} = ", table, re.MULTILINE).start()]  # type: ignore[union-attr]
    lines: list[str] = []
    for line in reversed(above.splitlines()):
        if not line.startswith("# "):
            break
        lines.insert(0, line)
    return "\n".join(lines)


def bounds(field: FieldInfo) -> list[float]:
    """The lowest and highest allowed number, where both belong to the range."""
    found = [getattr(rule, side, None) for side in ("ge", "le") for rule in field.metadata]
    return [bound for bound in found if bound is not None]


@pytest.mark.parametrize("file", MODELS)
def test_an_example_names_every_table_and_every_kind_of_device(file: str) -> None:
    assert kinds(file) == known_kinds(MODELS[file])


@pytest.mark.parametrize(("file", "name", "table"), TABLES)
def test_a_table_names_every_key_that_there_is_and_no_other(
    file: str, name: str, table: str
) -> None:
    assert set(contents(table)) == set(model_of(file, name, table).model_fields)


@pytest.mark.parametrize(("file", "name", "table"), TABLES)
def test_a_key_in_a_comment_stands_at_its_true_default(file: str, name: str, table: str) -> None:
    model = model_of(file, name, table)
    settings = model.model_validate(contents(table))
    for key in {match[2] for match in KEY.finditer(table) if match[1]}:
        field = model.model_fields[key]
        if not field.is_required():
            assert getattr(settings, key) == field.default, f"{name}.{key}"


@pytest.mark.parametrize(("file", "name", "table"), TABLES)
def test_every_key_is_explained_with_its_true_range(file: str, name: str, table: str) -> None:
    for key, field in model_of(file, name, table).model_fields.items():
        said = explanation(table, key)
        limits = bounds(field)
        if len(limits) == 2:
            assert f"{limits[0]:g} to {limits[1]:g}" in said, f"{name}.{key}: {said!r}"


def test_the_example_gate_has_real_parts_only() -> None:
    settings = load_gate(EXAMPLES / "gate.toml")
    assert isinstance(settings.camera, DeviceCameraTable)
    assert settings.thermometer.kind == "mlx90614"
    assert isinstance(settings.lock, GpioLockTable)
    assert settings.clock.source == "timedatectl"


def test_the_example_collector_loads() -> None:
    assert load_collector(EXAMPLES / "collector.toml").collector.fold_minutes == 10


def test_a_webcam_needs_no_other_part() -> None:
    settings = load_gate(EXAMPLES / "webcam.toml")
    assert isinstance(settings.camera, DeviceCameraTable)
    assert (settings.thermometer.kind, settings.lock.kind) == ("simulated", "simulated")
    tried = (EXAMPLES / ".." / "gatepost-try").resolve()
    assert {settings.gate.data.resolve().parent, settings.gate.trust.resolve().parents[1]} == {
        tried
    }
