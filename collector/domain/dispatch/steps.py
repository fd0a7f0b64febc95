"""What dispatch decides, without I/O: events in, effects out.

For each compound, as soon as the broker has had SETTLE_MS to say which copies it holds: 1. the retained copies of
roster, policy and notices (retained.py); 2. the roster's change since it was last told; 3. pages of new crossings, at
least an empty one every PASSAGES_EVERY_MS, at most MAX_PAGES at once.

Gates that say how far they are get an answer at once, settled or not. A gate that asks the same again waits longer and
longer, since what it lacks may be on its way over a slow link. What it says is not signed: it may call out what is
signed, and nothing else.

A restored database is noticed by its new generation, or by copies or gates that are newer than itself: then what it
has is renewed, for what the gates have of the lost time must not stay. Not again within RENEW_EVERY_MS: two collectors
at one broker would outbid each other without end. And one gate that is wrong about the time must not drive the
revisions of all into the future: nothing of more than a day ahead is believed.
"""

from dataclasses import replace
from typing import Final

from checkpoint.ids import CompoundId
from collector.domain.dispatch.events import (
    AnswerGate,
    BrokerFound,
    BrokerLost,
    CopySeen,
    Effect,
    Event,
    GateAsked,
    GenerationChecked,
    Looked,
    NeverIssued,
    PageSent,
    PublishChange,
    PublishWhole,
    Renew,
    RequestsLooked,
    SendPage,
    Step,
)
from collector.domain.dispatch.retained import DAY_US, Care, care_for
from collector.domain.dispatch.state import Dispatch, SyncRequest, Told
from collector.domain.in_force import InForce, Leaf
from sync.wire.downlink_messages import PASSAGES_EVERY_S

SETTLE_MS: Final = 1_000
RENEW_EVERY_MS: Final = 60_000
PASSAGES_EVERY_MS: Final = round(PASSAGES_EVERY_S * 1000)
LONGEST_PATIENCE_MS: Final = 60_000
MAX_PAGES: Final = 5
"""Pages at once, about 500 KB: a gate asks for the next ones when it has them."""
MAX_GATES: Final = 2_000
"""Ten times the largest site there is: whoever invents gates at the broker does not fill the memory."""


def step(state: Dispatch, event: Event, now_ms: int) -> Step:
    """The next state and what is to be done; ``now_ms`` is monotonic."""
    match event:
        case BrokerFound():
            return replace(state, told={}, settles_ms=now_ms + SETTLE_MS), ()
        case BrokerLost():
            # What a gate has may be another thing when it is back.
            return replace(state, requests={}, settles_ms=None), ()
        case CopySeen(compound, leaf, revision):
            told = state.of(compound)
            newest = max(revision, told.copies.get(leaf, revision))
            return _with(state, compound, replace(told, copies={**told.copies, leaf: newest})), ()
        case GateAsked():
            return _note_request(state, event, now_ms), ()
        case GenerationChecked():
            return _renew_all(replace(state, generation_is_checked=True), event)
        case Looked():
            return _tell_all(state, event, now_ms)
        case RequestsLooked():
            return _answer(state, event, now_ms)
        case PageSent():
            return _go_on(state, event, now_ms)


def _with(state: Dispatch, compound: CompoundId, told: Told) -> Dispatch:
    return replace(state, told={**state.told, compound: told})


def _note_request(state: Dispatch, asked: GateAsked, now_ms: int) -> Dispatch:
    requests = dict(state.requests)
    before = requests.pop(asked.gate, None)
    if before is None or before.want != asked.want:
        before = SyncRequest(asked.want, now_ms)
    requests[asked.gate] = replace(before, is_answered=False)
    if len(requests) > MAX_GATES:
        del requests[next(iter(requests))]
    return replace(state, requests=requests)


def _renew_all(state: Dispatch, checked: GenerationChecked) -> Step:
    effects = [
        Renew(now.compound, leaf, 0)
        for now in checked.in_force
        if checked.is_other
        for leaf in Leaf
        if now.revision(leaf) is not None
    ]
    for effect in effects:
        state = _without_copy(state, effect)
    return state, tuple(effects)


def _without_copy(state: Dispatch, renewed: Renew) -> Dispatch:
    """Whatever the broker has of it is to be replaced, before anything is told against it."""
    told = state.of(renewed.compound)
    copies = {leaf: revision for leaf, revision in told.copies.items() if leaf is not renewed.leaf}
    told = replace(told, copies=copies)
    if renewed.leaf is Leaf.ROSTER:
        told = replace(told, roster=None)
    return _with(state, renewed.compound, told)


def _tell_all(state: Dispatch, looked: Looked, now_ms: int) -> Step:
    effects: list[Effect] = []
    for leaf in Leaf:
        state, more = _mind_copy(state, looked, leaf, now_ms)
        effects += more
    state, more = _tell_change(state, looked.in_force)
    effects += more
    told = state.of(looked.in_force.compound)
    after = looked.newest_crossing if told.crossing is None else told.crossing
    state = _with(state, looked.in_force.compound, replace(told, crossing=after))
    is_due = now_ms >= told.page_due_ms
    return state, (*effects, SendPage(looked.in_force, after, is_due, MAX_PAGES - 1))


def _mind_copy(state: Dispatch, looked: Looked, leaf: Leaf, now_ms: int) -> Step:
    now, told = looked.in_force, state.of(looked.in_force.compound)
    copy = told.copies.get(leaf)
    known = leaf is not Leaf.ROSTER or (copy is not None and looked.knows_roster_copy)
    newest = now.revision(leaf)
    match care_for(leaf, newest, copy, looked.now_us, known=known):
        case Care.PUBLISH if newest is not None:
            told = replace(told, copies={**told.copies, leaf: newest})
            if leaf is Leaf.ROSTER:
                told = replace(told, roster=newest)
            return _with(state, now.compound, told), (PublishWhole(now, leaf),)
        case Care.RENEW:
            return _renew(state, Renew(now.compound, leaf, copy or 0), now_ms)
        case _:
            return state, ()


def _renew(state: Dispatch, renew: Renew, now_ms: int) -> Step:
    """It is published once it is seen in the database; nothing, where it was renewed a moment ago."""
    which = renew.compound, renew.leaf
    if now_ms < state.renewable_ms.get(which, now_ms):
        return state, ()
    renewable_ms = {**state.renewable_ms, which: now_ms + RENEW_EVERY_MS}
    return _without_copy(replace(state, renewable_ms=renewable_ms), renew), (renew,)


def _tell_change(state: Dispatch, now: InForce) -> Step:
    told = state.of(now.compound)
    base = told.copies.get(Leaf.ROSTER) if told.roster is None else told.roster
    if base is None or now.roster_revision is None or base >= now.roster_revision:
        return state, ()
    told = replace(told, roster=now.roster_revision)
    return _with(state, now.compound, told), (PublishChange(now, base),)


def _go_on(state: Dispatch, sent: PageSent, now_ms: int) -> Step:
    now = sent.in_force
    due_ms = now_ms + PASSAGES_EVERY_MS
    told = replace(state.of(now.compound), crossing=sent.upto, page_due_ms=due_ms)
    state = _with(state, now.compound, told)
    if not sent.is_full or sent.pages_left == 0:
        return state, ()
    return state, (SendPage(now, sent.upto, even_if_empty=False, pages_left=sent.pages_left - 1),)


def _answer(state: Dispatch, looked: RequestsLooked, now_ms: int) -> Step:
    effects: list[Effect] = []
    requests = dict(state.requests)
    for gate, request in state.requests.items():
        now = looked.in_force.get(gate[0])
        if request.is_answered or now_ms < request.due_ms or now is None:
            continue
        answer = AnswerGate(gate, request.want, now)
        state, renewals = _mind_newer(state, answer, looked.now_us, now_ms)
        effects += [*renewals, answer]
        requests[gate] = replace(
            request,
            is_answered=True,
            due_ms=now_ms + request.patience_ms,
            patience_ms=min(2 * request.patience_ms, LONGEST_PATIENCE_MS),
        )
    return replace(state, requests=requests), tuple(effects)


def _mind_newer(state: Dispatch, answer: AnswerGate, now_us: int, now_ms: int) -> Step:
    """Renew what a gate has from a time that this database has lost, or from another compound."""
    effects: list[Effect] = []
    now, want = answer.in_force, answer.want
    said = {Leaf.ROSTER: want.roster, Leaf.POLICY: want.policy, Leaf.NOTICES: want.notices}
    for leaf, has in said.items():
        newest = now.revision(leaf)
        if has is None or newest is None or has <= newest:
            continue
        renewals: tuple[Effect, ...] = ()
        if has <= now_us + DAY_US:
            state, renewals = _renew(state, Renew(now.compound, leaf, has), now_ms)
        effects += renewals or (NeverIssued(answer.gate, leaf, has),)
    return state, tuple(effects)
