"""The tree as branches: runs of tokens between forks, and their order in a picture of the tree.

A branch begins below a fork and goes on while there is one way only. The prompt is a branch whose only node is the
root; where other tokens were taken inside it, every stretch of it is one, whose only node is the position it ends at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .trace import ROOT, Trace


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """A run of nodes without a fork inside, and the nodes with which the branches after it begin."""

    ids: tuple[int, ...]
    heads: tuple[int, ...]

    @property
    def head(self) -> int:
        """The node with which it begins."""
        return self.ids[0]

    @property
    def end(self) -> int:
        """Its last node: a fork, or the end of a text."""
        return self.ids[-1]

    def index(self, trace: Trace, node: int) -> int | None:
        """Which of its tokens a node is."""
        i = trace[node].depth - trace[self.head].depth
        return i if 0 <= i < len(self.ids) and self.ids[i] == node else None


def branches_of(trace: Trace) -> dict[int, Branch]:
    """Every branch of a tree by its head, the prompt's first."""
    branches: dict[int, Branch] = {}
    stretches = [*prompt_forks(trace), ROOT]
    for end, following in zip(stretches, [*stretches[1:], None], strict=True):
        taken = tuple(child for child in trace[end].children if child > ROOT)
        branches[end] = Branch((end,), taken if following is None else (following, *taken))
    waiting = [child for branch in branches.values() for child in branch.heads if child > ROOT]
    while waiting:
        node = waiting.pop()
        ids, children = [node], trace[node].children
        while len(children) == 1:
            ids.append(children[0])
            children = trace[children[0]].children
        branches[node] = Branch(tuple(ids), children)
        waiting += children
    return branches


def prompt_forks(trace: Trace) -> list[int]:
    """The positions inside the prompt where other tokens were taken, from the left."""
    return sorted(i for i in trace.inside if len(trace[i].children) > 1)


def stretch(trace: Trace, end: int) -> tuple[int, ...]:
    """The tokens of the prompt's branch that ends at this position."""
    begin = max((i for i in prompt_forks(trace) if i < end), default=-len(trace.given))
    return trace.given[len(trace.given) + begin : len(trace.given) + end]


@dataclass(frozen=True, slots=True, eq=False)
class TreeRow:
    """A branch in the picture of the tree. `guides` says for every level above it whether more follows there."""

    branch: Branch
    guides: tuple[bool, ...]  # the last is its own: whether a sibling comes after it
    folded: int = 0  # branches that are hidden after it


@dataclass(frozen=True, eq=False)
class TreeRows:
    """The branches from top to bottom, those in folded ones left out."""

    rows: tuple[TreeRow, ...]
    place: dict[int, int]  # of a branch among the rows, by its head; hidden ones stand at the branch that hides them

    def of_node(self, trace: Trace, node: int) -> int:
        """The place of the row that shows a node, or hides it."""
        while node < ROOT and node not in trace.branches:
            node += 1  # a stretch of the prompt goes by the position that it ends at
        return self.place[next(b.head for b in trace.branches.values() if b.index(trace, node) is not None)]


@lru_cache(maxsize=2)
def tree_rows(trace: Trace, by_probability: bool = False) -> TreeRows:
    """The rows of a tree, siblings in the order they were taken or the most probable first.

    Kept while the trace is the same object. O(branches).
    """
    branches = trace.branches
    rows: list[TreeRow] = []
    place: dict[int, int] = {}
    waiting: list[tuple[int, tuple[bool, ...]]] = [(next(iter(branches)), ())]
    while waiting:
        head, guides = waiting.pop()
        branch = branches[head]
        place[head] = len(rows)
        hidden = _below(branches, branch) if trace[head].folded else []
        rows.append(TreeRow(branch, guides, len(hidden)))
        place.update(dict.fromkeys(hidden, len(rows) - 1))
        if not hidden:
            heads = sorted(branch.heads, key=lambda i: trace[i].surprisal_bits) if by_probability else branch.heads
            for i, each in reversed(list(enumerate(heads, 1))):
                waiting.append((each, (*guides, i < len(heads))))
    return TreeRows(tuple(rows), place)


def _below(branches: dict[int, Branch], branch: Branch) -> list[int]:
    """The heads of all branches after one."""
    heads = list(branch.heads)
    for head in heads:
        heads += branches[head].heads
    return heads
