"""What the model would say after each of the best candidates: its greedy continuation, computed in idle time.

One token is decoded at a time, and whatever a person asks for comes first. The KV cache holds one path, so a candidate
is followed to its end before the next one's turn comes; then only the candidate itself is decoded anew. The schedule is
the one of all paths: a candidate that is taken after all finds its row computed, bit for bit.

Inside the prompt one of the candidates is the prompt's own next token, and to take it is to walk along the prompt. That
one is followed by the prompt, as it was read, and costs no decode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from . import actions as act
from .changed import changed
from .engine import Path, extend
from .generate import by_hand
from .listing import listing_here
from .path_keys import path_key
from .sampling import coin
from .state import Notice, State, shown_ranks
from .trace import ROOT, Drawn

if TYPE_CHECKING:
    from .row import Row

CANDIDATES, TOKENS = 8, 6
"""How many candidates are followed, and by how many tokens each."""


@dataclass(frozen=True, slots=True, eq=False)
class Continuation:
    """A candidate and the tokens that follow it, greedily or in the prompt; each one's surprisal and the entropy before
    it, in bits.

    Both are those at T = 1 without a chain.
    """

    tokens: tuple[int, ...] = ()
    surprisals: tuple[float, ...] = ()
    entropies: tuple[float, ...] = ()
    failed: bool = False
    in_prompt: bool = False

    @property
    def prob(self) -> float:
        """The joint probability of all its tokens."""
        return 2.0 ** -sum(self.surprisals)

    def grown(self, row: Row, token: int) -> Continuation:
        """With the token that follows, of the row after it."""
        surprisal, entropy = row.plain_figures(token)
        return Continuation((*self.tokens, token), (*self.surprisals, surprisal), (*self.entropies, entropy))


@dataclass(frozen=True, slots=True)
class Asked:
    """The row that is wanted next: after a candidate and what is known to follow it."""

    candidate: int
    key: bytes
    path: Path
    further: bool  # not after the candidate alone: taking that one does not need it


@dataclass(frozen=True, slots=True, eq=False)
class Lookahead:
    """The continuations known at a position, by their candidates, and the row that is wanted for the next one."""

    key: bytes  # of the path to the position
    known: Mapping[int, Continuation] = field(default_factory=dict)
    asked: Asked | None = None

    def waits_for(self, key: bytes) -> bool:
        """This is the row that is wanted next."""
        return self.asked is not None and self.asked.key == key


def planned(s: State) -> State:
    """The state with the lookahead that fits its position, and in it what is to be decoded next."""
    ahead = s.lookahead if s.looks_ahead and s.lookahead and s.lookahead.key == s.key else None
    if s.looks_ahead and s.row is not None and s.info is not None:
        ahead = _with_prompt(s, ahead or Lookahead(s.key))
        if ahead.asked is None and (asked := _next(s, ahead)) is not None:
            ahead = replace(ahead, asked=asked)
    return s if ahead is s.lookahead else changed(s, lookahead=ahead)


def _with_prompt(s: State, ahead: Lookahead) -> Lookahead:
    """With how the prompt goes on from a position inside it, once it has been read."""
    own, reading = _in_prompt(s), s.readings.get(s.trace.given)
    if own is None or own in ahead.known or reading is None:
        return ahead
    begin = s.trace.length
    entries = slice(begin - 1, begin + TOKENS)  # entry i of a reading is about position i + 1
    tokens = s.trace.given[begin : begin + TOKENS + 1]
    known = Continuation(tokens, reading.surprisal_bits[entries], reading.entropies[entries], in_prompt=True)
    return replace(ahead, known={**ahead.known, own: known})


def _in_prompt(s: State) -> int | None:
    """The prompt's own next token, at a cursor inside it."""
    return s.trace.given[s.trace.length] if s.trace.cursor < ROOT else None


def candidates(s: State) -> list[int]:
    """The tokens on view that are followed, best first; their row is there."""
    listing, first = listing_here(s), s.top - 1
    stop = min(listing.n, first + min(CANDIDATES, shown_ranks(s.window, s.top)))
    return listing.ids(first, stop).tolist()


def _next(s: State, ahead: Lookahead) -> Asked | None:
    assert s.row is not None
    own = _in_prompt(s)
    for candidate in candidates(s):
        if candidate == own:
            continue
        known = ahead.known.get(candidate) or Continuation().grown(s.row, candidate)
        if _goes_on(s, known):
            path = s.path
            for token in known.tokens:
                path = extend(path, token)
            return Asked(candidate, path_key(path), path, len(known.tokens) > 1)
    return None


def _goes_on(s: State, known: Continuation) -> bool:
    assert s.info is not None
    if known.failed or len(known.tokens) > TOKENS or known.tokens[-1] in s.info.vocabulary.eog:
        return False
    return s.trace.length + len(known.tokens) < s.info.n_ctx  # the token that follows must have room too


def looked(s: State, row: Row) -> State:
    """The state with what this row says of the continuation that waits for it, if one does."""
    ahead = s.lookahead
    if ahead is None or ahead.asked is None or not ahead.waits_for(row.key) or s.row is None:
        return s
    candidate = ahead.asked.candidate
    before = ahead.known.get(candidate) or Continuation().grown(s.row, candidate)
    known = {**ahead.known, candidate: before.grown(row, row.ranking.argmax)}
    return changed(s, lookahead=Lookahead(ahead.key, known))


def unanswered(s: State, key: bytes, failed: bool) -> State:
    """The state after a row that a continuation waits for did not come: it ends, or is asked for again when idle."""
    ahead = s.lookahead
    if ahead is None or ahead.asked is None or not ahead.waits_for(key) or s.row is None:
        return s
    known, candidate = dict(ahead.known), ahead.asked.candidate
    if failed:
        known[candidate] = replace(known.get(candidate) or Continuation().grown(s.row, candidate), failed=True)
    return changed(s, lookahead=Lookahead(ahead.key, known))


def toggled(s: State, _: act.ToggleLookahead) -> State:
    """Look ahead, or forget what was seen."""
    return changed(s, looks_ahead=not s.looks_ahead, lookahead=None)


def branched(s: State, _: act.BranchLookahead) -> State:
    """Every continuation that is known as a branch of the tree. The cursor stays where it is."""
    known = s.lookahead.known if s.lookahead and s.lookahead.key == s.key else {}
    trace, n = s.trace, 0
    for continuation in known.values():
        node, before = trace.cursor, trace.next_id
        for i, token in enumerate(continuation.tokens):
            child = trace.child_with(token, node)
            if child is None:
                # The candidate was chosen by hand, what follows it falls out of any coin at T = 0.
                at = trace[node]
                how = Drawn(0.0, coin(s.settings.seed, at.depth, at.toss)) if i else by_hand(s, token)
                child = trace.next_id
                figures = continuation.surprisals[i], continuation.entropies[i]
                trace = trace.grow(node, token, how, *figures, enters=False)
            if child <= ROOT:
                break  # the prompt itself goes on like this
            node = child
        n += trace.next_id > before
    if not n:
        said = Notice("There is nothing new to add to the tree.", hint="[lookahead] looks ahead, and this adds it.")
        return changed(s, notice=said)
    said = f"{n} continuation{'s are branches' if n > 1 else ' is a branch'} of the tree now."
    return changed(s, trace=trace, notice=Notice(said, hint="[tree] shows it."))
