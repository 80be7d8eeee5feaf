"""State → StepView: every label, number and share on the screen as plain data, tested without an app.

What comes from a model or a person is made safe here (by `display.py`) and nowhere later: what widgets get is ready to
be drawn.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

from ..models.chain_edits import preset_name
from ..models.distribution import Distribution, Landing
from ..models.drawing import chain_here, distribution_here, ghost_here
from ..models.generate import coin_here, has_ended
from ..models.listing import Ids, Listing, listing_here
from ..models.lookahead import CANDIDATES, Continuation
from ..models.percentages import temperature_label
from ..models.reading import Reading
from ..models.softmax import surprisal_bits
from ..models.state import MAX_KEYED_T, State, shown_ranks
from ..models.vocabulary import Vocabulary
from .coin_text import coin_changes_here
from .display import display
from .labels import name_of, spoken
from .opening import model_name
from .picture_views import WITHOUT_ROW, picture_of
from .remapping import KEY_NAMES, filled, said_by
from .renderables.formats import bits, choices, count, percent
from .text_view import text_view
from .viewdata import (
    CandidateRow,
    CandidatesView,
    HeaderView,
    RestRow,
    StatusView,
    StepView,
    StripView,
)

STRIP_TOKENS = 64
"""Shares of the strip before the tail; what is less than a cell's eighth at rank 64 shows nowhere."""


def view(
    state: State,
    pictures: Sequence[str] = ("Histogram",),
    width: int = 80,
    names: Mapping[str, str] = KEY_NAMES,
) -> StepView:
    """The whole screen, `width` cells wide, as data, with those pictures of the distribution that are shown.

    `names` are the keys by the ids of their rows.
    """
    said = said_by(state.notice, names) if state.notice else display(state.bad_row or "", max_cells=None)
    trouble = state.notice.trouble if state.notice else state.bad_row is not None
    if state.row is None or state.info is None:
        return StepView(
            header=header_view(state),
            text=text_view(state),
            status=_status(state, None, ""),
            detail=_waiting(state, names),
            notice=said,
            trouble=trouble,
            pictures={name: picture_of(name, state, names) for name in pictures if name in WITHOUT_ROW},
        )
    now, plain = distribution_here(state), state.row.at(1.0)
    landing = now.land(coin_here(state))
    vocabulary = state.info.vocabulary
    lands_on = spoken(vocabulary, landing.token)
    # In an auto run nobody can read where the coin would fall otherwise, and it costs more than the rest of the view.
    changes = "" if state.auto else coin_changes_here(state, landing, width - 18)
    return StepView(
        header=header_view(state),
        text=text_view(state),
        status=_status(state, now, lands_on),
        detail=_detail(state, now, plain, vocabulary, names),
        notice=said,
        trouble=trouble,
        strip=_strip(state, now, vocabulary, lands_on, changes),
        candidates=_candidates(state, now, landing, vocabulary),
        pictures={name: picture_of(name, state, names) for name in pictures},
    )


# ---- header --------------------------------------------------------------------------------------------------------


def header_view(s: State) -> HeaderView:
    """The model, how full the context is, how fast it goes, and what the engine is doing."""
    info, used = s.info if s.phase not in ("loading", "failed") else None, s.trace.length
    status, mood, fraction = _engine_status(s)
    return HeaderView(
        model=display(model_name(info.path if info else s.model), max_cells=60),
        description=display(info.description, max_cells=40) if info else "",
        context=f"{used:,}/{info.n_ctx:,} tokens" if info else "",
        speed=_speed(s.tokens_per_second) if info and s.tokens_per_second else "",
        seed=f"seed {s.settings.seed}",
        status=status,
        mood=mood,
        fraction=fraction,
    )


def _speed(tokens_per_second: float) -> str:
    """ "110 tok/s", "0.31 tok/s": two digits at least."""
    decimals = 0 if tokens_per_second >= 9.95 else 1 if tokens_per_second >= 0.995 else 2
    return f"{tokens_per_second:.{decimals}f} tok/s"


def _engine_status(s: State) -> tuple[str, str, float | None]:
    if s.phase in ("loading", "restarting"):
        mood = "busy" if s.phase == "loading" else "trouble"
        if s.loaded is None:
            return "starting llama.cpp" if s.phase == "loading" else "restarting", mood, None
        return f"{'reading the file' if s.reading else s.phase} {s.loaded:.0%}", mood, s.loaded
    if s.phase == "failed":
        return "no model", "trouble", None
    if s.phase == "dead":
        return "engine died", "trouble", None
    if s.tokenizing:
        return "reading the prompt", "busy", None
    if s.work and s.work.total > 1:
        return f"reading {s.work.done:,}/{s.work.total:,}", "busy", s.work.done / s.work.total
    if s.auto:
        return "auto", "busy", None
    if s.bad_row:
        return "bad logits" if s.bad_logits else "not evaluated", "trouble", None
    if s.row is None and s.stopped:
        return "stopped", "trouble", None
    if _lacks_prompt(s):
        return "no prompt", "trouble", None
    return ("thinking", "busy", None) if s.row is None else ("ready", "ready", None)


def _lacks_prompt(s: State) -> bool:
    """The one that was asked for could not be used, and there is no other."""
    return s.phase == "ready" and not s.trace.given and s.asked_prompt is None


def _waiting(s: State, names: Mapping[str, str]) -> tuple[str, ...]:
    if s.phase == "loading":
        return (filled("The model is loading. [cancel] stops that.", names),)
    if s.phase == "failed":
        return (display(s.phase_text, max_cells=None),)
    if s.row is None and s.stopped and s.phase == "ready":
        return (filled("Stopped before this position was evaluated. [step] goes on.", names),)
    if _lacks_prompt(s):
        return (filled("There is no prompt yet: [prompt] writes one.", names),)
    return ()


# ---- the distribution ----------------------------------------------------------------------------------------------


def _strip(s: State, now: Distribution, vocabulary: Vocabulary, lands_on: str, changes: str) -> StripView:
    ids = now.ranking.head(STRIP_TOKENS)
    shares = now.of(ids).tolist()
    u = coin_here(s)
    ended = ", but the text has ended" if has_ended(s, s.trace.cursor) else ""
    return StripView(
        shares=(*shares, now.tail_mass(0, len(ids))),
        names=(*(name_of(vocabulary, int(i)) for i in ids), f"{count(now.ranking.n - len(ids))} others"),
        coin=u,
        coin_label=f"coin {u:.3f} → {lands_on}{ended}",
        changes=f"turn T: {changes}" if changes else "",
    )


def _candidates(s: State, now: Distribution, landing: Landing, vocabulary: Vocabulary) -> CandidatesView:
    listing, ghost = listing_here(s), ghost_here(s)
    first = s.top - 1
    stop = min(listing.n, first + shown_ranks(s.window, s.top))
    here = s.trace.here
    walked = {s.trace[child].token for child in here.children}
    taken = s.trace[here.last].token if here.last is not None else None
    result = chain_here(s)
    rows = []
    for place, token in enumerate(listing.ids(first, stop).tolist(), first + 1):
        rank = listing.rank(place)
        rows.append(
            CandidateRow(
                rank,
                name_of(vocabulary, token),
                now.prob(token),
                ghost.prob(token),
                rank == s.highlight,
                token == landing.token,
                token == taken,
                token in walked,
                token in vocabulary.eog,
                stage.name if result and (stage := result.stage_of(token)) else "",
                *_ahead(s, token, vocabulary),
            )
        )
    above, below = _rest(now, ghost, listing.ids(0, first)), _below(now, ghost, listing, stop)
    if not any(row.coin for row in rows):
        higher = not rows or landing.rank < rows[0].rank
        above = above and above._replace(coin=higher)
        below = below and below._replace(coin=not higher)
    return CandidatesView(
        rows=tuple(rows),
        above=above,
        below=below,
        scale=s.scale,
        temperature=temperature_label(s.settings.temperature),
        n_vocab=now.ranking.n,
        chain=preset_name(s.settings.samplers, s.own_presets) if s.settings.samplers else "",
        ghost=_ghost_label(s),
        cut_hidden=s.cut_hidden,
        looks_ahead=min(CANDIDATES, len(rows)) if s.looks_ahead else 0,
    )


def _ahead(s: State, token: int, vocabulary: Vocabulary) -> tuple[str, float | None]:
    """What follows a candidate, and how probable it is with that; nothing where that is not known."""
    known = s.lookahead.known.get(token) if s.lookahead else None
    return ("", None) if known is None else (_continuation(known, vocabulary), known.prob)


@lru_cache(maxsize=64)
def _continuation(known: Continuation, vocabulary: Vocabulary) -> str:
    text = display(b"".join(map(vocabulary.piece, known.tokens[1:])))
    return f"prompt:{text}" if known.in_prompt else text


def _ghost_label(s: State) -> str:
    t = s.settings.temperature
    if not s.settings.samplers:
        return "" if t == 1 else "at T 1.00"
    return "at T 1.00, no chain" if s.ghost == "plain" else f"at T {temperature_label(t)}, no chain"


def _rest(now: Distribution, ghost: Distribution, ids: Ids) -> RestRow | None:
    """These tokens as one row."""
    return RestRow(len(ids), float(now.of(ids).sum()), float(ghost.of(ids).sum())) if len(ids) else None


def _below(now: Distribution, ghost: Distribution, listing: Listing, stop: int) -> RestRow | None:
    """All tokens but the first so many of the list, hidden ones too; added up on their own, so a tiny tail is right."""
    n = now.ranking.n - stop
    ids = listing.ids(0, stop)
    return RestRow(n, now.mass_outside(ids), ghost.mass_outside(ids), stop == listing.n) if n else None


# ---- status and detail ---------------------------------------------------------------------------------------------


def _status(s: State, now: Distribution | None, lands_on: str) -> StatusView:
    t = s.settings.temperature
    return StatusView(
        temperature=t,
        label=f"T {temperature_label(t)}",
        mode="greedy" if t == 0 else "",
        entropy=f"entropy {bits(now.entropy_bits)}" if now else "",
        choices=choices(now.effective_choices) if now else "",
        coin=f"coin → {lands_on}" if lands_on else "",
        greatest=MAX_KEYED_T,
        prompt=_prompt_perplexity(reading) if (reading := s.readings.get(s.trace.given)) else "",
    )


@lru_cache(maxsize=4)
def _prompt_perplexity(reading: Reading) -> str:
    """Kept with the reading, since it is a sum over the prompt. Nothing precedes the first token of one."""
    return f"prompt perplexity {reading.perplexity:,.1f}" if reading.surprisal_bits else ""


def _detail(
    s: State, now: Distribution, plain: Distribution, vocabulary: Vocabulary, names: Mapping[str, str]
) -> tuple[str, ...]:
    """The highlighted token in full."""
    token = int(now.ranking.ids(s.highlight - 1, s.highlight)[0])
    piece = vocabulary.piece(token)
    hexed = piece[:8].hex(" ") + (f" …(+{len(piece) - 8})" if len(piece) > 8 else "")
    parts = [
        spoken(vocabulary, token),
        f"p {percent(now.prob(token))}",
        f"T=1 {percent(plain.prob(token))}",
        f"surprisal at T=1 {bits(surprisal_bits(plain.logprob(token)))}",
        f"logit {now.ranking.logits[token]:.3f}",
        f"id {token}",
        f"bytes {hexed or 'none'}",
        f"rank {s.highlight:,} of {now.ranking.n:,}",
    ]
    parts[2:2] = _stages(s, token, vocabulary)
    if s.auto:
        parts.insert(0, filled("auto: [auto], [cancel] or [step] stops it", names))
    if token in vocabulary.eog:
        parts.insert(1, "ends the text")
    elif token in vocabulary.control:
        parts.insert(1, "control token")
    if s.settings.temperature == 0 and now.ranking.n_best > 1 and token == now.ranking.argmax:
        parts.insert(1, f"a tie of {now.ranking.n_best}, lowest id taken")
    return tuple(parts)


def _stages(s: State, token: int, vocabulary: Vocabulary) -> list[str]:
    """What the chain did to a token: which stage cut it, and by how much stages moved its logit, and why."""
    result = chain_here(s)
    if result is None:
        return []
    from .chain_view import cause

    said = []
    if (at := int(result.cut_by[token])) >= 0:
        stage = result.stages[at]
        said.append(f"cut by {stage.name} ({stage.setting}), {percent(result.prob_before(at, token))} before it")
    for each in result.moved:
        if each.token == token:
            why = cause(each, vocabulary)
            said.append(f"{each.stage} logit {each.by:+.2f}" + (f", {why}" if why else ""))
    return said


def drawn_with(s: State, names: Mapping[str, str] = KEY_NAMES) -> str:
    """How the token that follows the cursor came to be; empty at the end of the text."""
    following = s.trace.here.last
    if following is None or s.info is None:
        return ""
    node = s.trace[following]
    name = spoken(s.info.vocabulary, node.token)
    if node.drawn is None:
        return _prompt_token(s, name)
    t = temperature_label(node.drawn.temperature)
    same = (node.drawn.temperature, node.drawn.samplers) == (s.settings.temperature, s.settings.samplers)
    back = "" if same else f" · {names['restore']}: back"
    chain = f", chain {preset_name(node.drawn.samplers, s.own_presets)}" if node.drawn.samplers else ""
    if node.drawn.cut_by:
        return f"{name} was taken by hand at T {t}, though {node.drawn.cut_by} cut it{back}"
    if node.drawn.coin is None:
        return f"{name} was taken by hand at T {t}{chain}{back}"
    return f"{name} was drawn at T {t}{chain}, coin {node.drawn.coin:.3f}{back}"


def _prompt_token(s: State, name: str) -> str:
    """How expected the prompt's own next token was."""
    reading, place = s.readings.get(s.trace.given), s.trace.length - 1
    if reading is None:
        return f"the prompt goes on with {name}"
    p, surprisal = math.exp(reading.logprob[place]), reading.surprisal_bits[place]
    return f"the prompt goes on with {name}: rank {reading.rank[place]:,}, {percent(p)} at T 1, {bits(surprisal)}"
