"""What is to be done about the retained copy of a roster, a policy or notices, judged by revisions alone.

The broker's copy is the memory of what was published last: nothing else needs to be kept, and a broker
that has lost it gets it again. Of policy and notices the copy is always the one in force. Of the roster it
may be up to a day old, for changes go to those who listen, and are told to those who ask.

    what is in force    the copy                            roster     policy, notices
    nothing                                                 leave      leave
    is a day old                                            renew      renew      gates go by its age
    is fresh            newer: this database is a restored  renew      renew
                        none, or none of this database's    publish    publish
                        a day old                           publish    publish
                        older                               leave      publish
                        the same                            leave      leave

Renewing gives out what is in force under a new revision, so that every gate takes it, whatever it has.
"""

import enum
from typing import Final

from checkpoint.ids import Revision
from collector.domain.in_force import Leaf

DAY_US: Final = 86_400_000_000


class Care(enum.Enum):
    """What to do about a retained copy."""

    LEAVE = "leave"
    PUBLISH = "publish"
    RENEW = "renew"


def care_for(
    leaf: Leaf, now: Revision | None, copy: Revision | None, now_us: int, *, known: bool
) -> Care:
    """``now``: in force; ``copy``: at the broker; ``known``: whether this database gave out the copy's revision."""
    if now is None:
        return Care.LEAVE
    if now_us - now >= DAY_US or (copy is not None and copy > now):
        return Care.RENEW
    if copy is None or not known or now_us - copy >= DAY_US:
        return Care.PUBLISH
    if copy != now and leaf is not Leaf.ROSTER:
        return Care.PUBLISH
    return Care.LEAVE
