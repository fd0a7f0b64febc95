"""From codes seen frame by frame to one presentation: a pass held up is one event, however long.

A code counts as the same presentation until it has been out of view for ABSENCE_MS, because single
frames fail to decode. While the gate is busy with somebody, codes already taken up stay taken up and
new ones are left alone: they are still in view, and become a presentation, when the gate is free.

Several codes in one frame are presented together, once. After that a single code counts only when it
has been alone for ALONE_MS: of two codes held up one may fail to decode in a frame.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

ABSENCE_MS = 2000
ALONE_MS = 600


@dataclass(frozen=True, slots=True)
class InView:
    """Codes that were taken up, with the monotonic time in ms at which each was last seen."""

    last_seen_ms: Mapping[str, int] = field(default_factory=dict)
    several_at_ms: int | None = None
    """When several codes were last in one frame, once that was presented; None: not lately."""


def look(
    view: InView, codes: tuple[str, ...], now_ms: int, *, gate_is_free: bool
) -> tuple[InView, tuple[str, ...]]:
    """The view after one frame, and the codes newly presented in it.

    No new code: (). One: that pass is presented. Several: the bearer must show one alone.
    """
    held = {
        code: seen
        for code, seen in view.last_seen_ms.items()
        if code in codes or now_ms - seen < ABSENCE_MS
    }
    held.update({code: now_ms for code in codes if code in held})
    several = view.several_at_ms
    if several is not None and now_ms - several >= ABSENCE_MS:
        several = None
    if len(codes) > 1:
        presented = codes if several is None and gate_is_free else ()
        said = now_ms if presented or several is not None else None
        return InView(held, said), presented
    alone = several is None or now_ms - several >= ALONE_MS
    fresh = tuple(code for code in codes if code not in held and gate_is_free and alone)
    held.update(dict.fromkeys(fresh, now_ms))
    return InView(held, several), fresh
