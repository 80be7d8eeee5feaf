"""The tree of tokens walked so far, with a cursor in it.

A node is one taken token; the root stands for the end of the prompt. The tree is a persistent map, so every state of
it can be kept for undo at the price of what changed. Walking right follows the child that was entered last: `line` is
that way through the cursor, from the root to the frontier. What is derived from a whole text (the line, its tokens, the
branches) is handed on from one trace to the next where it still holds, so that no key costs more in a long text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from immutables import Map

from .engine import Path, path_of

if TYPE_CHECKING:
    from .branches import Branch
    from .transform import Transform

ROOT = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """How a token came to be: with which settings, or by hand."""

    temperature: float
    coin: float | None  # None: taken by hand
    samplers: tuple[Transform, ...] = ()
    cut_by: str = ""  # the stage that cut it, of a token that was taken by hand nevertheless


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
    path_bits: float = 0.0  # surprisal of all tokens taken up to this one: their joint probability is 2^-path_bits
    name: str = ""  # of the branch that begins here, given by the person
    folded: bool = False  # what follows the branch that begins here is not shown in the tree


class LineColumns(NamedTuple):
    """What the tokens taken along a line are, each kind in a tuple of its own."""

    tokens: tuple[int, ...] = ()
    surprisals: tuple[float, ...] = ()  # bits
    entropies: tuple[float, ...] = ()  # bits

    def up_to(self, n: int, token: int, surprisal: float, entropy: float) -> LineColumns:
        """Those of the first n tokens, and of one more."""
        tokens, surprisals, entropies = self
        return LineColumns((*tokens[:n], token), (*surprisals[:n], surprisal), (*entropies[:n], entropy))


_LINE = ("line", "columns")
_ALL = (*_LINE, "branches")


@dataclass(frozen=True, eq=False)
class Trace:
    """A prompt's tokens and the tree that grew from its end. Every method gives a new trace."""

    given: tuple[int, ...]
    nodes: Map[int, Node] = Map({ROOT: Node(ROOT, -1, 0)})  # noqa: RUF009 (immutable)
    cursor: int = ROOT
    next_id: int = 1
    edits: int = 0  # tosses, names, folds and deletions; with next_id it tells whether a tree was edited

    def __getitem__(self, node: int) -> Node:
        return self.nodes[node]

    @property
    def here(self) -> Node:
        """The node under the cursor."""
        return self.nodes[self.cursor]

    def ancestors(self, node: int) -> list[int]:
        """Ids from the root's child down to `node`; empty for the root."""
        if self._has_on_line(node):
            return list(self.line[1 : self.nodes[node].depth + 1])
        ids = []
        while node != ROOT:
            ids.append(node)
            node = self.nodes[node].parent
        ids.reverse()
        return ids

    def path(self, node: int) -> Path:
        """The segments to evaluate for the logits after `node`."""
        if self._has_on_line(node):
            return path_of(self.given, self.columns.tokens[: self.nodes[node].depth])
        return path_of(self.given, tuple(self.nodes[i].token for i in self.ancestors(node)))

    @cached_property
    def line(self) -> tuple[int, ...]:
        """Ids from the root through the cursor to the frontier, along the children entered last."""
        ids, node = [], self.cursor
        while node != ROOT:
            ids.append(node)
            node = self.nodes[node].parent
        ids.append(ROOT)
        ids.reverse()
        while (following := self.nodes[ids[-1]].last) is not None:
            ids.append(following)
        return tuple(ids)

    @cached_property
    def columns(self) -> LineColumns:
        """The tokens taken along `line`, with their surprisals and entropies."""
        nodes = [self.nodes[i] for i in self.line[1:]]
        return LineColumns(
            tuple(node.token for node in nodes),
            tuple(node.surprisal_bits for node in nodes),
            tuple(node.entropy_bits for node in nodes),
        )

    @cached_property
    def branches(self) -> dict[int, Branch]:
        """The tree as branches without forks inside, by the node where each begins."""
        from .branches import branches_of

        return branches_of(self)

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
        if self._has_on_line(node):
            return self._with(_ALL, cursor=node)
        nodes = self.nodes
        for child in self.ancestors(node):
            parent = nodes[nodes[child].parent]
            if parent.last != child:
                nodes = nodes.set(nodes[child].parent, replace(parent, last=child))
        return self._with(("branches",), nodes=nodes, cursor=node)

    def enter(self, child: int) -> Trace:
        """Move the cursor to a child of the node it stands on."""
        if self.here.last == child:
            return self._with(_ALL, cursor=child)
        nodes = self.nodes.set(self.cursor, replace(self.here, last=child))
        return self._with(("branches",), nodes=nodes, cursor=child)

    def grow(
        self, node: int, token: int, drawn: Drawn, surprisal_bits: float, entropy_bits: float, enters: bool = True
    ) -> Trace:
        """Add a child to a node. The cursor stays where it is.

        The child counts as entered last, so that the text on view goes there, unless the cursor stands further on or
        `enters` is false and there is another way.
        """
        parent, new = self.nodes[node], self.next_id
        bits = parent.path_bits + surprisal_bits
        child = Node(node, token, parent.depth + 1, drawn, surprisal_bits, entropy_bits, path_bits=bits)
        on_line = self._has_on_line(node)
        stays = parent.last is not None and (not enters or (on_line and parent.depth < self.here.depth))
        grown = replace(parent, children=(*parent.children, new), last=parent.last if stays else new)
        nodes = self.nodes.set(node, grown).set(new, child)
        after = self._with(_LINE if stays or not on_line else (), nodes=nodes, next_id=new + 1)
        if on_line and not stays:
            columns = self.columns.up_to(parent.depth, token, surprisal_bits, entropy_bits)
            after.__dict__.update(line=(*self.line[: parent.depth + 1], new), columns=columns)
        return after

    def toss(self) -> Trace:
        """Toss the coin again for the token after the cursor."""
        return self._edited(self.cursor, toss=self.here.toss + 1)

    def name(self, node: int, name: str) -> Trace:
        """Name the branch that begins at a node."""
        return self._edited(node, name=name)

    def fold(self, node: int, folded: bool) -> Trace:
        """Hide in the tree what follows the branch that begins at a node, or show it again."""
        return self._edited(node, folded=folded)

    def delete(self, node: int) -> Trace:
        """Take a node out of the tree with all that follows it. A cursor in there goes to where the node was taken."""
        gone, parent = [node], self.nodes[self.nodes[node].parent]
        for each in gone:
            gone += self.nodes[each].children
        children = tuple(child for child in parent.children if child != node)
        last = parent.last if parent.last != node else children[-1] if children else None
        nodes = self.nodes.mutate()
        for each in gone:
            del nodes[each]
        nodes[self.nodes[node].parent] = replace(parent, children=children, last=last)
        left = nodes.finish()
        cursor = self.cursor if self.cursor in left else self.nodes[node].parent
        return self._with((), nodes=left, cursor=cursor, edits=self.edits + 1)

    def bare(self) -> Trace:
        """The same trace without what is derived from it: that of a long text is large."""
        return self._with(())

    def _has_on_line(self, node: int) -> bool:
        """The node is on the way of the text on view."""
        depth = self.nodes[node].depth
        return depth < len(self.line) and self.line[depth] == node

    def _edited(self, node: int, **changes: Any) -> Trace:
        """One node changed, in what neither the line nor the branches depend on."""
        nodes = self.nodes.set(node, replace(self.nodes[node], **changes))
        return self._with(_ALL, nodes=nodes, edits=self.edits + 1)

    def _with(self, kept: tuple[str, ...], **changes: Any) -> Trace:
        """Another trace, with those of the derived values that hold for it too."""
        new = replace(self, **changes)
        new.__dict__.update((name, self.__dict__[name]) for name in kept if name in self.__dict__)
        return new
