"""``--suppose FACT=VALUE`` of gatepost explain: the gate's conditions, by the names that the rules have for them."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import msgspec
import typer

from checkpoint.rules.facts import GateConditions


def names(kind: type[Any] = GateConditions, prefix: str = "") -> list[str]:
    """Every condition that can be supposed; a part of one after a dot."""
    found: list[str] = []
    for field in dataclasses.fields(kind):
        name = f"{prefix}{field.name}"
        nested = isinstance(field.type, type) and dataclasses.is_dataclass(field.type)
        found += names(field.type, f"{name}.") if nested else [name]  # type: ignore[arg-type]
    return found


def supposed(said: Iterable[str]) -> GateConditions:
    """All is in order but for these. Raises BadParameter that names what cannot be supposed and what can."""
    given: dict[str, Any] = {}
    for each in said:
        name, equals, value = each.partition("=")
        if not equals or name not in names():
            raise typer.BadParameter(
                f"{each!r}: write FACT=VALUE with one of {', '.join(names())}",
                param_hint="--suppose",
            )
        _put(given, name.split("."), value)
    try:
        return msgspec.convert(given, GateConditions, strict=False)
    except msgspec.ValidationError as error:
        raise typer.BadParameter(str(error), param_hint="--suppose") from None


def _put(into: dict[str, Any], path: list[str], value: str) -> None:
    first, *rest = path
    if rest:
        _put(into.setdefault(first, {}), rest, value)
    else:
        into[first] = value
