"""What the help screen says: the keys, from the one table, then the panels, then the words."""

from __future__ import annotations

from textwrap import wrap

from textual.content import Content

from .glossary import GLOSSARY
from .keymap import KEYS, Key, groups
from .remapping import filled

PANELS = {
    "Text": """
        The prompt (dimmed), then every token taken, shaded by surprisal: the less a token was expected, the warmer;
        for the prompt's first token nothing was expected. [left] and [right] walk it, the prompt too; the distribution
        shown is always that of the token after the cursor. What you take inside the prompt begins a branch there, and
        the prompt's own tokens stay on theirs. The coin of a position is the same on every branch; inside the prompt
        it has one too.""",
    "Probability mass": """
        All tokens side by side, each as wide as it is probable. The coin ▲ is a number between 0 and 1 that stays
        where it is: [step] takes the token above it. Turn the temperature and watch the borders move.""",
    "Candidates": """
        Every token of the vocabulary by rank: its probability at the current temperature T as a bar, over ░, its
        probability at T = 1 (with a chain, [ghost] makes that the probability at T before any stage cut). ● is where
        the coin falls, ◆ what was taken here, ◇ what was taken on another branch. A token that the chain cut stays in
        its place with the name of the stage that cut it; [cut] hides such tokens. [lookahead] shows beside the best of
        them how the model would go on at T = 0, and how probable token and continuation are together at T = 1;
        [branch_lookahead] makes branches of that.""",
    "Histogram": """
        How much probability, and how many tokens, lie in each decade of probability; with a chain, how many were
        cut.""",
    "Curve": """
        The function that turns logits into shares: e^(x/T), where x is how far a logit lies below the greatest one.
        The candidates stand on it, ◆ is the highlighted one; each height divided by the sum of all is a probability.
        The dotted curve is that of T = 1. Curve, Rank, Sweep and Steps are those of the temperature alone, without
        samplers.""",
    "Rank": """
        Probability against rank, both in powers of ten: how long the tail is. Dotted, by the scale at the right, how
        much the tokens up to a rank have together, with ● where that is a half, 90 % and 99 %.""",
    "Sweep": """
        The probability of the best tokens, of the highlighted one ◆ and of the watched ones at every T from 0 to 5,
        the line ┆ being T now; dotted the entropy. Below stands at which T the highlighted token is most probable, and
        from where to where it has at least 1 % and 10 %. [scale] makes the scale logarithmic.""",
    "Timeline": """
        Over the positions of the text: how much doubt there was (entropy), and how unexpected the token was that was
        taken (surprisal), the prompt's own tokens left of ┊. A token that is much above the line was unlikely even for
        a model in doubt. Watched tokens ([watch], [watches]) are lines with a letter: their probability by the scale
        at the right, and their rank where there is room, both at T = 1 without a chain. Positions passed before the
        watch are drawn while their numbers are stored; there are none for the prompt's own.""",
    "Steps": """
        The softmax of this position from its definition, one step a line: the logits x, minus their maximum,
        divided by T, e to the power of that, their sum Z, and divided by Z. Beside or below each step stands what
        it is for.""",
    "Chain": """
        The stages through which the logits go, first to last, as llama.cpp computes them: their settings, the tokens
        that come in and go out, the probability removed, the entropy after each. The order changes the answer. Below
        stand the tokens whose logits penalties and dry moved, and which earlier tokens are the cause. Mirostat is left
        out: what it does here depends on every row before this one.""",
    "Tree": """
        Every branch that was taken, a row each: the text from one fork to the next, the probability of its first
        token at T = 1, its length, the logarithm of the probability of all its tokens together (ln p), and the mean
        surprisal of a token in bits. ● was drawn with the coin, ✎ was taken by hand. Nothing is lost by walking
        back.""",
    "Find": """
        [find] finds any token of the vocabulary by a part of its text or by its id. What is chosen is taken as exactly
        that token, however improbable it is.""",
    "Compare": """
        [compare] continues the prompt at two to six temperatures, a column each, with the same coins: ┃ stands where
        the columns part. Their figures are all measured at T = 1. A column can be continued as a branch.""",
    "Status": """
        T is the temperature: every logit is divided by it before the softmax. Entropy is the doubt that is left, in
        bits; 2 to the entropy is how many equally likely tokens would leave the same doubt.""",
}


def help_sections(table: tuple[Key, ...] = KEYS, cells: int = 1000) -> dict[str, Content]:
    """All of it by headings, as safe content (there is no text of a model in it), for lines of so many cells."""
    names = {row.id: row.shown for row in table}
    panels = {name: filled(text, names) for name, text in PANELS.items()}
    return {"The keys": _keys(table, cells), "What you see": _entries(panels), "The words": _entries(GLOSSARY)}


_KEY = 14
"""Cells of the column of keys, beside which the lines of what they do stand in one of their own."""


def _keys(table: tuple[Key, ...], cells: int) -> Content:
    parts: list[Content | str | tuple[str, str]] = []
    for group, keys in groups(table).items():
        parts.append((f"{group}\n", "bold $primary"))
        for key in keys:
            lines = wrap(key.tooltip, max(20, cells - _KEY))
            parts += [(f"  {key.shown:<{_KEY - 2}}", "bold $warning"), f"\n{' ' * _KEY}".join(lines), "\n"]
        parts.append("\n")
    return Content.assemble(*parts)


def _entries(entries: dict[str, str]) -> Content:
    parts: list[str | tuple[str, str]] = []
    for name, text in entries.items():
        parts += [(f"{name}\n", "bold $primary"), f"{' '.join(text.split())}\n\n"]
    return Content.assemble(*parts)
