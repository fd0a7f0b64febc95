"""What a decoder saw in a picture, and the order in which people would read it."""

from collections.abc import Iterable
from typing import NamedTuple


class SeenCode(NamedTuple):
    """One code in a picture: its text and where it is, in pixels."""

    text: str
    left: float
    top: float
    height: float


def in_reading_order(codes: Iterable[SeenCode]) -> tuple[str, ...]:
    """The distinct texts; codes that begin within half a height of each other are one row."""
    rows: list[list[SeenCode]] = []
    for code in sorted(codes, key=lambda code: code.top):
        if rows and code.top - rows[-1][0].top < rows[-1][0].height / 2:
            rows[-1].append(code)
        else:
            rows.append([code])
    in_order = (code.text for row in rows for code in sorted(row, key=lambda code: code.left))
    return tuple(dict.fromkeys(in_order))
