"""The tree of tokens walked so far, with a cursor in it.

A node is one taken token; the root stands for the end of the prompt. The positions inside the prompt are nodes too: -j
is the place before its last j tokens, and its first child is the prompt's own next position. Most of them are nowhere
but in `given`; the map holds those where something was taken or tossed. What is taken there hangs below -j, so a path
is always the prompt up to some position and then the tokens taken.

The tree is a persistent map, so every state of it can be kept for undo at the price of what changed. Walking right
follows the child that was entered last: `line` is that way, from where the text leaves the prompt to the frontier. What
is derived from a whole text (the line, its tokens, the branches) is handed on from one trace to the next where it still
holds, so that no key costs more in a long text.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
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


class Node(NamedTuple):
    """One token of the tree. Surprisal and entropy are those of the row it was taken from, at T = 1 without a chain.

    The prompt's own tokens have neither here; see `Reading`. The first one is its own parent.
    """

    parent: int
    token: int
    depth: int  # tokens from the end of the prompt up to and including this one; negative inside it
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
    """A prompt's tokens and the tree that grew from it. Every method gives a new trace."""

    given: tuple[int, ...]
    nodes: Map[int, Node] = Map()  # noqa: RUF009 (immutable)
    cursor: int = ROOT
    next_id: int = 1
    edits: int = 0  # tosses, names, folds and deletions; with next_id it tells whether a tree was edited
    inside: frozenset[int] = frozenset()  # the positions inside the prompt that the map holds

    def __post_init__(self) -> None:
        if not self.nodes:
            token = self.given[-1] if self.given else -1
            object.__setattr__(self, "nodes", Map({ROOT: Node(max(-1, self.first), token, 0)}))

    @property
    def first(self) -> int:
        """The leftmost node: the position after the prompt's first token."""
        return min(ROOT, 1 - len(self.given))

    def __contains__(self, node: int) -> bool:
        return node in self.nodes or self.first <= node < ROOT

    def __getitem__(self, node: int) -> Node:
        held = self.nodes.get(node)
        if held is not None:
            return held
        if node not in self:
            raise KeyError(node)
        return Node(max(node - 1, self.first), self.given[node - 1], node, children=(node + 1,), last=node + 1)

    @property
    def n_taken(self) -> int:
        """Tokens in the tree, the prompt's not counted."""
        return len(self.nodes) - 1 - len(self.inside)

    @property
    def here(self) -> Node:
        """The node under the cursor."""
        return self[self.cursor]

    def ancestors(self, node: int) -> list[int]:
        """Ids of the tokens taken from where the branch leaves the prompt down to `node`; empty in the prompt."""
        if node > ROOT and self._has_on_line(node):
            return list(self.line[1 : self._place(node) + 1])
        return self._climbed(node)[1:]

    def _climbed(self, node: int) -> list[int]:
        """The ancestors, behind the position in the prompt from which they grow."""
        ids = [node]
        while node > ROOT:
            node = self.nodes[node].parent
            ids.append(node)
        ids.reverse()
        return ids

    def stem(self, node: int) -> int:
        """The position in the prompt from which the branch of a node grows; of such a position, itself."""
        return self.line[0] if node > ROOT and self._has_on_line(node) else self._climbed(node)[0]

    def path(self, node: int) -> Path:
        """The segments to evaluate for the logits after `node`; in the prompt, its tokens up to there."""
        if node > ROOT and self._has_on_line(node):
            return path_of(self.shown, self.columns.tokens[: self._place(node)])
        stem, *ids = self._climbed(node)
        return path_of(self._up_to(stem), tuple(self.nodes[i].token for i in ids))

    def _up_to(self, position: int) -> tuple[int, ...]:
        """The prompt's tokens before a position in it."""
        return self.given[: len(self.given) + position]

    def rest(self, node: int) -> tuple[int, ...]:
        """The prompt's own tokens that follow a position inside it; none after any other node."""
        return self.given[node:] if node < ROOT else ()

    @cached_property
    def line(self) -> tuple[int, ...]:
        """Ids of the text on view from where it leaves the prompt to the frontier, along the children entered last.

        The first is the root, or the position inside the prompt where another token was taken. The cursor is one of
        them, or inside the prompt before them.
        """
        ids = self._climbed(self.cursor)
        if len(ids) == 1:
            parted = (i for i in self.inside if i >= self.cursor and self.nodes[i].last != i + 1)
            ids = [min(parted, default=ROOT)]
        while (following := self.nodes[ids[-1]].last) is not None:
            ids.append(following)
        return tuple(ids)

    @property
    def shown(self) -> tuple[int, ...]:
        """The prompt's tokens that are on view: all of them, unless the text leaves it before its end."""
        return self._up_to(self.line[0])

    @property
    def text(self) -> tuple[int, ...]:
        """All tokens of the text on view."""
        return (*self.shown, *self.columns.tokens)

    def on_line(self, depth: int) -> int:
        """The node of the text on view at a depth, or the nearest one that it has."""
        stem = self.line[0]
        return max(depth, self.first) if depth <= stem else self.line[min(depth - stem, len(self.line) - 1)]

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
        parent = self[self.cursor if node is None else node]
        return next((c for c in parent.children if self[c].token == token), None)

    def go(self, node: int) -> Trace:
        """Move the cursor, and remember the way there as the one last entered."""
        if self._has_on_line(node):
            return self._with(_ALL, cursor=node)
        nodes, (stem, *ids) = self.nodes, self._climbed(node)
        way = [*((i, i + 1) for i in self.inside if i < stem), *zip((stem, *ids), ids, strict=False)]
        for parent, child in way:
            if nodes[parent].last != child:
                nodes = nodes.set(parent, nodes[parent]._replace(last=child))
        return self._with(("branches",), nodes=nodes, cursor=node)

    def enter(self, child: int) -> Trace:
        """Move the cursor to a child of the node it stands on."""
        if self.here.last == child:
            return self._with(_ALL, cursor=child)
        nodes = self.nodes.set(self.cursor, self.here._replace(last=child))
        return self._with(("branches",), nodes=nodes, cursor=child)

    def grow(
        self, node: int, token: int, drawn: Drawn, surprisal_bits: float, entropy_bits: float, enters: bool = True
    ) -> Trace:
        """Add a child to a node. The cursor stays where it is.

        The child counts as entered last, so that the text on view goes there, unless the cursor stands further on or
        `enters` is false and there is another way.
        """
        parent, new = self[node], self.next_id
        bits = parent.path_bits + surprisal_bits
        child = Node(node, token, parent.depth + 1, drawn, surprisal_bits, entropy_bits, path_bits=bits)
        on_line = self._has_on_line(node)
        stays = parent.last is not None and (not enters or (on_line and parent.depth < self.here.depth))
        grown = parent._replace(children=(*parent.children, new), last=parent.last if stays else new)
        nodes = self.nodes.set(node, grown).set(new, child)
        kept = _LINE if stays or not on_line else ()
        after = self._with(kept, nodes=nodes, next_id=new + 1, inside=self._with_inside(node))
        if on_line and not stays:
            place = max(0, self._place(node))
            line = self.line[: place + 1] if place else (node,)
            columns = self.columns.up_to(place, token, surprisal_bits, entropy_bits)
            after.__dict__.update(line=(*line, new), columns=columns)
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
        nodes[self.nodes[node].parent] = parent._replace(children=children, last=last)
        cursor = self.nodes[node].parent if self.cursor in set(gone) else self.cursor
        return self._with((), nodes=nodes.finish(), cursor=cursor, edits=self.edits + 1)

    def same_tree(self, other: Trace) -> bool:
        """Nothing was edited between the two, one made from the other. The cursor and its ways may differ."""
        return (self.given, self.next_id, self.edits) == (other.given, other.next_id, other.edits)

    def forget(self) -> None:
        """Let go of what is derived from it, which is large for a long text and is made again when asked for."""
        for name in _ALL:
            self.__dict__.pop(name, None)

    def _has_on_line(self, node: int) -> bool:
        """The node is on the way of the text on view."""
        if node not in self:
            raise KeyError(node)
        if node <= ROOT:
            return node <= self.line[0]
        place = self._place(node)
        return 0 < place < len(self.line) and self.line[place] == node

    def _place(self, node: int) -> int:
        """Where a node stands in `line`, if it is there; negative for a position of the prompt before it."""
        return self[node].depth - self.line[0]

    def _with_inside(self, node: int) -> frozenset[int]:
        return self.inside | {node} if node < ROOT else self.inside

    def _edited(self, node: int, **changes: Any) -> Trace:
        """One node changed, in what neither the line nor the branches depend on."""
        nodes, inside = self.nodes.set(node, self[node]._replace(**changes)), self._with_inside(node)
        return self._with(_ALL, nodes=nodes, edits=self.edits + 1, inside=inside)

    def _with(self, kept: tuple[str, ...], **changes: Any) -> Trace:
        """Another trace, with those of the derived values that hold for it too."""
        mine = self.__dict__
        new = object.__new__(Trace)
        new.__dict__.update({name: mine[name] for name in (*_FIELDS, *kept) if name in mine}, **changes)
        return new


_FIELDS = tuple(field.name for field in fields(Trace))
