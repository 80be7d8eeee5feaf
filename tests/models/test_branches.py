"""The tree as branches, and their order in its picture."""

from hypothesis import given
from hypothesis import strategies as st
from tempviz.models.branches import tree_rows
from tempviz.models.trace import ROOT, Drawn, Trace

BY_HAND = Drawn(1.0, None)


def tree(*texts: str, bits: float = 1.0) -> Trace:
    """The trace in which these texts were taken; a letter costs as many bits as its place in the alphabet."""
    trace = Trace((1,))
    for text in texts:
        node = ROOT
        for letter in text:
            child = trace.child_with(ord(letter), node)
            if child is None:
                child = trace.next_id
                trace = trace.grow(node, ord(letter), BY_HAND, bits * (ord(letter) - 96), 0)
            node = child
        trace = trace.go(node)
    return trace


def node_of(trace: Trace, text: str) -> int:
    """The node at the end of a text."""
    node: int | None = ROOT
    for letter in text:
        assert node is not None
        node = trace.child_with(ord(letter), node)
    assert node is not None
    return node


def picture(trace: Trace, by_probability: bool = False) -> list[str]:
    """The rows as text: a mark for every level, then the tokens."""
    lines = []
    for row in tree_rows(trace, by_probability).rows:
        text = "".join(chr(trace[i].token) for i in row.branch.ids if i != ROOT)
        guides = "".join("│" if more else " " for more in row.guides)
        lines.append(f"{guides}{text or 'prompt'}{f' +{row.folded}' if row.folded else ''}")
    return lines


def test_runs_without_a_fork_are_one_row():
    assert picture(tree("abc")) == ["prompt", " abc"]
    assert picture(Trace((1,))) == ["prompt"]


def test_forks_are_rows_in_the_order_they_were_taken():
    assert picture(tree("abcd", "abz", "abyx", "k")) == [
        "prompt",
        "│ab",
        "││cd",
        "││z",
        "│ yx",
        " k",
    ]


def test_the_most_probable_first():
    assert picture(tree("az", "ac", "ab"), True) == ["prompt", " a", " │b", " │c", "  z"]


def test_a_folded_branch_hides_what_follows():
    trace = tree("abcd", "abz", "abyx", "k")
    folded = trace.fold(node_of(trace, "a"), True)
    assert picture(folded) == ["prompt", "│ab +3", " k"]
    rows = tree_rows(folded)
    assert rows.of_node(folded, node_of(trace, "abyx")) == 1 == rows.place[node_of(trace, "abz")]
    assert picture(trace.fold(ROOT, True)) == ["prompt +5"]


def test_every_node_is_in_a_row():
    trace = tree("abcd", "abz", "abyx", "k")
    rows = tree_rows(trace)
    for place, row in enumerate(rows.rows):
        assert {rows.of_node(trace, node) for node in row.branch.ids} == {place}


@given(st.lists(st.text("abc", max_size=6), max_size=12))
def test_the_rows_are_the_whole_tree(texts: list[str]):
    trace = tree(*texts)
    rows = tree_rows(trace).rows
    assert sorted(i for row in rows for i in row.branch.ids) == sorted(trace.nodes)
    for row in rows:
        for parent, child in zip(row.branch.ids, row.branch.ids[1:], strict=False):
            assert trace[parent].children == (child,)
        assert trace[row.branch.end].children == row.branch.heads
        assert len(row.branch.heads) != 1 or row.branch.head == ROOT


def test_a_tree_of_many_levels():
    trace = tree(*("a" * n + "b" for n in range(300)))
    rows = tree_rows(trace).rows
    assert max(len(row.guides) for row in rows) == 299 and len(rows) == 599


def test_a_fork_inside_the_prompt_cuts_it_in_two():
    trace = Trace((7, 8, 9)).grow(-1, ord("k"), BY_HAND, 1, 0)
    trace = trace.grow(1, ord("l"), BY_HAND, 1, 0).grow(ROOT, ord("a"), BY_HAND, 1, 0)
    rows = tree_rows(trace)
    assert [(row.branch.ids, row.branch.heads, row.guides) for row in rows.rows] == [
        ((-1,), (ROOT, 1), ()),
        ((ROOT,), (3,), (True,)),
        ((3,), (), (True, False)),
        ((1, 2), (), (False,)),
    ]
    assert [rows.of_node(trace, node) for node in (-2, -1, 0, 1, 2, 3)] == [0, 0, 1, 3, 3, 2]
