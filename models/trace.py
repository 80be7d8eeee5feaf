"""The tree of tokens walked so far, with a cursor in it.

A node is one taken token; the root stands for the end of the prompt. The tree is a persistent map, so every state of
it can be kept for undo at the price of what changed. Walking right follows the child that was entered last: `line` is
that way through the cursor, from the root to the frontier.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from immutables import Map

from .engine import Path, path_of

if TYPE_CHECKING:
    from .transform import Transform

ROOT = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """How a token came to be: with which settings, or by hand."""

    temperature: float
    coin: float | None  # None: taken by hand
    samplers: tuple[Transform, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """One token of the tree. Surprisal and entropy are those of the row it was taken from, at T = 1 without a chain."""

    parent: int
    token: int
    depth: int  # tokens taken up to and including this one
    drawn: Drawn | None = None
    surprisal_bits: float = 0.0
    entropy_bits: float = 0.0
    toss: int = 0  # how often the coin was tossed again for the token AFTER this one
    children: tuple[int, ...] = ()
    last: int | None = None  # the child entered last


@dataclass(frozen=True, eq=False)
class Trace:
    """A prompt's tokens and the tree that grew from its end. Every method gives a new trace."""

    given: tuple[int, ...]
    nodes: Map[int, Node] = Map({ROOT: Node(ROOT, -1, 0)})  # noqa: RUF009 (immutable)
    cursor: int = ROOT
    next_id: int = 1
    tosses: int = 0  # in the whole tree; with next_id it tells whether a tree was edited

    def __getitem__(self, node: int) -> Node:
        return self.nodes[node]

    @property
    def here(self) -> Node:
        """The node under the cursor."""
        return self.nodes[self.cursor]

    def ancestors(self, node: int) -> list[int]:
        """Ids from the root's child down to `node`; empty for the root."""
        ids = []
        while node != ROOT:
            ids.append(node)
            node = self.nodes[node].parent
        ids.reverse()
        return ids

    def path(self, node: int) -> Path:
        """The segments to evaluate for the logits after `node`."""
        return path_of(self.given, tuple(self.nodes[i].token for i in self.ancestors(node)))

    @cached_property
    def line(self) -> tuple[int, ...]:
        """Ids from the root through the cursor to the frontier, along the children entered last."""
        ids = [ROOT, *self.ancestors(self.cursor)]
        while (following := self.nodes[ids[-1]].last) is not None:
            ids.append(following)
        return tuple(ids)

    @property
    def frontier(self) -> int:
        """The end of the text on view."""
        return self.line[-1]

    @property
    def length(self) -> int:
        """Tokens up to the cursor, the prompt's included."""
        return len(self.given) + self.here.depth

    def child_with(self, token: int, node: int | None = None) -> int | None:
        """The child of a node (the cursor's) that took this token, if there is one."""
        parent = self.nodes[self.cursor if node is None else node]
        return next((c for c in parent.children if self.nodes[c].token == token), None)

    def go(self, node: int) -> Trace:
        """Move the cursor, and remember the way there as the one last entered."""
        nodes = self.nodes
        for child in self.ancestors(node):
            parent = nodes[nodes[child].parent]
            if parent.last != child:
                nodes = nodes.set(nodes[child].parent, replace(parent, last=child))
        return replace(self, nodes=nodes, cursor=node)

    def enter(self, child: int) -> Trace:
        """Move the cursor to a child of the node it stands on."""
        here = self.here
        nodes = self.nodes if here.last == child else self.nodes.set(self.cursor, replace(here, last=child))
        return replace(self, nodes=nodes, cursor=child)

    def grow(self, node: int, token: int, drawn: Drawn, surprisal_bits: float, entropy_bits: float) -> Trace:
        """Add a child to a node and mark it as entered last. The cursor stays where it is."""
        parent, new = self.nodes[node], self.next_id
        child = Node(node, token, parent.depth + 1, drawn, surprisal_bits, entropy_bits)
        grown = replace(parent, children=(*parent.children, new), last=new)
        return replace(self, nodes=self.nodes.set(node, grown).set(new, child), next_id=new + 1)

    def toss(self) -> Trace:
        """Toss the coin again for the token after the cursor."""
        here = self.here
        nodes = self.nodes.set(self.cursor, replace(here, toss=here.toss + 1))
        return replace(self, nodes=nodes, tosses=self.tosses + 1)
