"""What the downlink decides, without I/O: events in, effects out.

A message is considered (decisions.py): what is genuine and new is stored, and an item is left for the gate, in one
transaction; then it counts. What cannot be stored has not happened, and is asked for.

What is missing is asked for with up/want: at every connect, when another journal has begun, when a change rests on
another roster than ours, when a page of passages does not follow on, when a page speaks of something newer than we
have, and when something could not be stored. Never more often than WANT_EVERY_MS.

Pages of passages must follow on: the cursor starts where the gate's own ledger ends, and again there at every connect
and with every other journal. A page of before the last one counts for nothing.

A refusal is journalled once in REFUSED_AGAIN_AFTER_MS, and at most REFUSALS_AT_MOST different ones in that time.
"""

from dataclasses import replace
from typing import Final

from checkpoint.people import Roster
from sync.downlink.decisions import (
    Accepted,
    Denied,
    Known,
    Missing,
    consider_change,
    consider_command,
    consider_notices,
    consider_passages,
    consider_policy,
    consider_roster,
    rebuild_roster,
)
from sync.downlink.events import (
    AskCentre,
    ChangeRoster,
    CommandRepeated,
    DropPassages,
    Event,
    Heard,
    LeavePassages,
    NotStored,
    Reconnected,
    RefuseMessage,
    ReplaceOrder,
    ReplaceRoster,
    RestOnWhole,
    Step,
    StoreReplaced,
    TakeCommand,
    Ticked,
)
from sync.downlink.state import LONG_AGO_MS, Downlink
from sync.store.inbox import PassagesItem, PolicyItem
from sync.wire.downlink_messages import CrossingsUpdate, Want
from sync.wire.signed import Purpose

WANT_EVERY_MS: Final = 2_000
NEWER_AGAIN_AFTER_MS: Final = 300_000
"""What pages speak of and still has not come is asked for again after this."""
REFUSED_AGAIN_AFTER_MS: Final = 60_000
"""The same refusal within this time is not journalled again: a flood of forgeries must not fill the journal."""
REFUSALS_AT_MOST: Final = 20
"""Different ones within that time; the others are only in the log."""


def step(state: Downlink, event: Event, now_ms: int) -> Step:
    """The next state and what is to be done; ``now_ms`` is monotonic."""
    match event:
        case Reconnected():
            return replace(state, begins=True, is_missing=True, asked_ms=LONG_AGO_MS), ()
        case StoreReplaced(in_force):
            return replace(state, in_force=in_force, roster=None, is_missing=True), ()
        case NotStored():
            return replace(state, is_missing=True), ()
        case CommandRepeated():
            return _refuse(state, "command", Denied("the command was repeated"), now_ms)
        case Ticked():
            return _look_after(state, event, now_ms)
        case Heard():
            return _obey(state, event, now_ms)


def _look_after(state: Downlink, ticked: Ticked, now_ms: int) -> Step:
    if state.begins or ticked.epoch != state.epoch:
        state = replace(
            state, cursor=ticked.ledger_cursor, epoch=ticked.epoch, begins=False, is_missing=True
        )
        state, asks = _ask(state, now_ms)
        return state, (DropPassages(), *asks)
    return _ask(state, now_ms)


def _ask(state: Downlink, now_ms: int) -> Step:
    if not state.is_missing or now_ms - state.asked_ms < WANT_EVERY_MS:
        return state, ()
    has = state.in_force
    want = Want(roster=has.roster, policy=has.policy, notices=has.notices, passages=state.cursor)
    return replace(state, is_missing=False, asked_ms=now_ms), (AskCentre(want),)


def _obey(state: Downlink, heard: Heard, now_ms: int) -> Step:
    match heard.leaf:
        case "roster":
            return _take_roster(state, heard, now_ms)
        case "roster-change":
            return _take_change(state, heard, now_ms)
        case "policy":
            return _take_policy(state, heard, now_ms)
        case "notices":
            return _take_notices(state, heard, now_ms)
        case "passages" if not heard.retained:  # how old a kept one is, nobody can tell
            return _take_passages(state, heard, now_ms)
        case "command":
            return _take_command(state, heard, now_ms)
        case _:
            return state, ()


def _take_roster(state: Downlink, heard: Heard, now_ms: int) -> Step:
    """A whole roster, from the centre or handed in by hand."""
    who, has = state.recipient, state.in_force
    match consider_roster(heard.message, who.keys, who.compound, has.roster):
        case Accepted(roster):
            in_force = replace(has, roster=roster.revision, whole_roster=roster.revision)
            effect = ReplaceRoster(roster.revision, heard.message, len(roster.residents))
            return replace(state, in_force=in_force, roster=roster), (effect,)
        case Known() if has.roster is not None and has.whole_roster != has.roster:
            in_force = replace(has, whole_roster=has.roster)
            return replace(state, in_force=in_force, roster=None), (
                RestOnWhole(has.roster, heard.message),
            )
        case Denied() as denied:
            return _refuse(state, "roster", denied, now_ms, retained=heard.retained)
        case _:
            return state, ()


def _take_change(state: Downlink, heard: Heard, now_ms: int) -> Step:
    who = state.recipient
    state = replace(state, roster=state.roster or _rebuilt(state, heard))
    match consider_change(heard.message, who.keys, who.compound, state.roster):
        case Accepted(roster):
            in_force = replace(state.in_force, roster=roster.revision)
            effect = ChangeRoster(roster.revision, heard.message, len(roster.residents))
            return replace(state, in_force=in_force, roster=roster), (effect,)
        case Missing():
            return replace(state, is_missing=True), ()
        case Denied() as denied:
            return _refuse(state, "roster change", denied, now_ms)
        case _:
            return state, ()


def _rebuilt(state: Downlink, heard: Heard) -> Roster | None:
    """What is stored, if it is still genuine and the one in force."""
    if heard.stored is None:
        return None
    rebuilt = rebuild_roster(*heard.stored, state.recipient.keys, state.recipient.compound)
    if isinstance(rebuilt, Accepted) and rebuilt.value.revision == state.in_force.roster:
        return rebuilt.value
    return None


def _take_policy(state: Downlink, heard: Heard, now_ms: int) -> Step:
    who, has = state.recipient, state.in_force
    match consider_policy(heard.message, who.keys, who.compound, has.policy):
        case Accepted(policy):
            item = PolicyItem(policy.revision, policy.name)
            effect = ReplaceOrder(Purpose.POLICY, policy.revision, heard.message, item)
            return replace(state, in_force=replace(has, policy=policy.revision)), (effect,)
        case Denied() as denied:
            return _refuse(state, "policy", denied, now_ms, retained=heard.retained)
        case _:
            return state, ()


def _take_notices(state: Downlink, heard: Heard, now_ms: int) -> Step:
    who, has = state.recipient, state.in_force
    match consider_notices(heard.message, who.keys, who.compound, has.notices):
        case Accepted(order):
            effect = ReplaceOrder(Purpose.NOTICES, order.revision, heard.message, None)
            return replace(state, in_force=replace(has, notices=order.revision)), (effect,)
        case Denied() as denied:
            return _refuse(state, "notices", denied, now_ms, retained=heard.retained)
        case _:
            return state, ()


def _take_passages(state: Downlink, heard: Heard, now_ms: int) -> Step:
    who = state.recipient
    match consider_passages(heard.message, who.keys, who.compound):
        case Denied() as denied:
            return _refuse(state, "passages", denied, now_ms)
        case Accepted(page) if page.at_us > state.page_us:
            state = _mind_newer(replace(state, page_us=page.at_us), page, now_ms)
            if page.after in {state.cursor, ""}:
                return _follow(state, page, heard, now_ms)
            return replace(state, is_missing=state.is_missing or page.upto != state.cursor), ()
        case _:
            return state, ()


def _mind_newer(state: Downlink, page: CrossingsUpdate, now_ms: int) -> Downlink:
    """AskCentre for what the centre has and did not come; what came and was refused, not with every page again."""
    newest = (page.roster, page.policy, page.notices)
    has = state.in_force
    ours = (has.roster, has.policy, has.notices)
    if not any((theirs or 0) > (our or 0) for theirs, our in zip(newest, ours, strict=True)):
        return state
    if newest == state.newest and now_ms - state.newest_ms < NEWER_AGAIN_AFTER_MS:
        return state
    return replace(state, newest=newest, newest_ms=now_ms, is_missing=True)


def _follow(state: Downlink, page: CrossingsUpdate, heard: Heard, now_ms: int) -> Step:
    gate = state.recipient.gate
    others = tuple(entry for entry in page.entries if entry.gate != gate)
    if others and heard.inbox_is_full:
        return state, ()  # nobody takes them: they are asked for once somebody does
    state = replace(state, cursor=page.upto)
    if not set(page.unheard) - {gate}:
        state = replace(state, caught_up_ms=now_ms)
    return state, (LeavePassages(PassagesItem(page.upto, others)),) if others else ()


def _take_command(state: Downlink, heard: Heard, now_ms: int) -> Step:
    match consider_command(heard.message, state.recipient.keys, state.recipient.gate):
        case Denied() as denied:
            return _refuse(state, "command", denied, now_ms)
        case Accepted(_) if heard.retained:
            denied = Denied("the command was retained by the broker")
            return _refuse(state, "command", denied, now_ms)
        case Accepted(command):
            return state, (TakeCommand(command),)


def _refuse(
    state: Downlink, what: str, denied: Denied, now_ms: int, *, retained: bool = False
) -> Step:
    if denied.only_old and retained:
        return state, ()  # the broker keeps the last whole one; what is in force came after it
    recently = {
        said: at_ms
        for said, at_ms in state.refused.items()
        if now_ms - at_ms < REFUSED_AGAIN_AFTER_MS
    }
    said = (what, denied.why)
    is_journalled = said not in recently and len(recently) < REFUSALS_AT_MOST
    if is_journalled:
        recently[said] = now_ms
    return replace(state, refused=recently), (RefuseMessage(what, denied.why, is_journalled),)
