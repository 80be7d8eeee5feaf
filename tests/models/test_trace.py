"""The tree of tokens walked: growing, walking, branching, and that an old tree stays as it was."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tempviz.models.engine import Segment, path_of
from tempviz.models.trace import ROOT, Drawn, Trace

BY_HAND = Drawn(1.0, None)


def grown(trace: Trace, *tokens: int) -> Trace:
    """The trace after these tokens were taken one after the other."""
    for token in tokens:
        trace = trace.grow(trace.cursor, token, BY_HAND, 0.5, 1.5)
        trace = trace.go(trace.next_id - 1)
    return trace


def tokens_of(trace: Trace) -> list[int]:
    """The taken tokens of the text on view."""
    return [trace[node].token for node in trace.line[1:]]


def test_a_new_trace_is_its_prompt():
    trace = Trace((5, 6))
    assert trace.cursor == trace.frontier == ROOT
    assert trace.line == (ROOT,) and trace.length == 2
    assert trace.path(ROOT) == path_of((5, 6))
    assert trace.here.depth == 0 and trace.here.children == ()


def test_taken_tokens_are_a_segment_of_their_own():
    trace = grown(Trace((5, 6)), 7, 8)
    assert trace.path(trace.cursor) == (Segment("given", (5, 6)), Segment("taken", (7, 8)))
    assert trace.length == 4 and trace.here.depth == 2
    assert trace.here.surprisal_bits == 0.5 and trace.here.entropy_bits == 1.5 and trace.here.drawn == BY_HAND


def test_walking_back_keeps_the_text_to_the_right():
    trace = grown(Trace((5,)), 7, 8, 9)
    back = trace.go(trace.line[1])
    assert back.cursor == trace.line[1] and back.line == trace.line
    assert back.frontier == trace.cursor and tokens_of(back) == [7, 8, 9]


def test_a_branch_leaves_the_old_one_in_the_tree():
    trace = grown(Trace((5,)), 7, 8)
    branched = grown(trace.go(trace.line[1]), 9, 10)
    assert tokens_of(branched) == [7, 9, 10]
    assert tokens_of(branched.go(trace.cursor)) == [7, 8]
    assert [branched[child].token for child in branched[trace.line[1]].children] == [8, 9]


def test_walking_right_follows_the_branch_entered_last():
    trace = grown(Trace((5,)), 7, 8)
    old = trace.cursor
    branched = grown(trace.go(trace.line[1]), 9)
    root = branched.go(ROOT)
    assert tokens_of(root) == [7, 9]
    entered = branched.go(old).go(ROOT)
    assert tokens_of(entered) == [7, 8]


def test_a_child_is_found_by_its_token():
    trace = grown(Trace((5,)), 7, 8)
    seven = trace.line[1]
    assert trace.child_with(7, ROOT) == seven
    assert trace.child_with(8, seven) == trace.cursor
    assert trace.child_with(8, ROOT) is None and trace.child_with(1) is None


def test_growing_moves_no_cursor():
    trace = Trace((5,)).grow(ROOT, 7, BY_HAND, 0, 0)
    assert trace.cursor == ROOT and trace.frontier == 1


def test_a_toss_counts_at_its_own_position():
    trace = grown(Trace((5,)), 7)
    tossed = trace.toss().toss()
    assert tossed.here.toss == 2 and tossed[ROOT].toss == 0 and tossed.edits == 2
    assert trace.here.toss == 0


def test_an_unknown_node_is_refused():
    with pytest.raises(KeyError):
        Trace((5,)).go(3)


moves = st.lists(
    st.tuples(
        st.sampled_from(["take", "take", "walk", "toss", "name", "fold", "aside", "delete"]), st.integers(0, 10**6)
    ),
    max_size=60,
)


def test_a_branch_taken_out_is_gone_with_all_that_followed():
    trace = grown(Trace((5,)), 7, 8)
    branched = grown(trace.go(trace.line[1]), 9, 10)
    gone = branched.delete(branched.line[2])
    assert tokens_of(gone) == [7, 8] and gone.cursor == gone.line[1]
    assert set(gone.nodes) == set(trace.nodes) and gone.edits == branched.edits + 1
    assert tokens_of(branched) == [7, 9, 10]


def test_a_cursor_elsewhere_stays_where_a_branch_is_taken_out():
    trace = grown(Trace((5,)), 7, 8)
    branched = grown(trace.go(trace.line[1]), 9)
    gone = branched.delete(trace.line[2])
    assert gone.cursor == branched.cursor and tokens_of(gone) == [7, 9]


def test_a_cursor_inside_the_prompt_stays_where_a_branch_is_taken_out():
    """Most positions in there are nowhere but in the prompt's tokens."""
    trace = grown(Trace((5, 6, 7)), 8, 9).go(-1)
    assert trace.delete(1).cursor == -1


def test_nothing_is_left_after_the_only_branch_is_taken_out():
    trace = grown(Trace((5,)), 7, 8)
    gone = trace.delete(trace.line[1])
    assert set(gone.nodes) == {ROOT} and gone.line == (ROOT,) and gone[ROOT].last is None


def test_a_name_and_a_fold_are_kept_with_the_node():
    trace = grown(Trace((5,)), 7)
    named = trace.name(1, "mine").fold(1, True)
    assert (named[1].name, named[1].folded, named.edits) == ("mine", True, 2)
    assert (trace[1].name, trace[1].folded, trace.edits) == ("", False, 0)


def test_what_grows_left_of_the_cursor_is_not_the_way_of_the_text():
    trace = grown(Trace((5,)), 7, 8)
    assert tokens_of(trace.grow(ROOT, 9, BY_HAND, 0, 0)) == [7, 8]
    assert tokens_of(trace.go(ROOT).grow(ROOT, 9, BY_HAND, 0, 0)) == [9]
    assert tokens_of(trace.go(ROOT).grow(ROOT, 9, BY_HAND, 0, 0, enters=False)) == [7, 8]


def test_the_joint_probability_is_that_of_the_tokens_together():
    trace = grown(Trace((5,)), 7, 8, 9)
    assert [trace[i].path_bits for i in trace.line] == [0, 0.5, 1.0, 1.5]


@settings(deadline=None, max_examples=100)
@given(moves)
def test_any_walk_keeps_the_tree_whole(moves: list[tuple[str, int]]):
    """Against a plain record of every token sequence that was taken."""
    trace, texts = Trace((1, 2)), {ROOT: ()}
    states = []
    for move, n in moves:
        states.append((trace, trace.line, trace.cursor, dict(trace.nodes)))
        if move == "toss":
            trace = trace.toss()
        elif move == "walk":
            trace = trace.go(sorted(texts)[n % len(texts)])
        elif move == "name":
            trace = trace.name(sorted(texts)[n % len(texts)], str(n))
        elif move == "fold":
            trace = trace.fold(sorted(texts)[n % len(texts)], n % 2 == 0)
        elif move == "aside":
            node = sorted(texts)[n % len(texts)]
            if trace.child_with(n % 4, node) is None:
                before = tokens_of(trace)
                texts[trace.next_id] = (*texts[node], n % 4)
                trace = trace.grow(node, n % 4, BY_HAND, 0, 0, enters=n % 3 == 0)
                assert n % 3 == 0 or tokens_of(trace)[: len(before)] == before
        elif move == "delete":
            node = sorted(texts)[n % len(texts)]
            if node != ROOT:
                parent, gone = trace[node].parent, texts[node]
                inside = texts[trace.cursor][: len(gone)] == gone
                trace = trace.delete(node)
                texts = {i: text for i, text in texts.items() if text[: len(gone)] != gone}
                assert trace.cursor == parent if inside else trace.cursor in texts
        else:
            token = n % 4
            node = trace.child_with(token)
            if node is None:
                assert (*texts[trace.cursor], token) not in texts.values()
                trace, node = trace.grow(trace.cursor, token, BY_HAND, 0, 0), trace.next_id
                texts[node] = (*texts[trace.cursor], token)
            trace = trace.go(node)
        assert trace.cursor in trace.line
        fresh = replace(trace)  # what is handed on from trace to trace is what it would be made anew
        assert (trace.line, trace.columns) == (fresh.line, fresh.columns)
        branches, made_anew = trace.branches, fresh.branches
        assert {i: (b.ids, b.heads) for i, b in branches.items()} == {i: (b.ids, b.heads) for i, b in made_anew.items()}
    assert set(trace.nodes) == set(texts)
    for node, text in texts.items():
        assert trace.path(node) == path_of((1, 2), text)
        assert trace[node].depth == len(text)
        assert len({trace[child].token for child in trace[node].children}) == len(trace[node].children)
        assert all(trace[child].parent == node for child in trace[node].children)
        assert (trace[node].last in trace[node].children) or not trace[node].children
    for old, line, cursor, nodes in states:  # nothing that was given out has changed
        assert (old.line, old.cursor, dict(old.nodes)) == (line, cursor, nodes)


# ---- inside the prompt ---------------------------------------------------------------------------------------------


def test_a_position_inside_the_prompt_is_a_node():
    trace = Trace((5, 6, 7, 8))
    assert trace.first == -3 and [node in trace for node in (-4, -3, -1, 0, 1)] == [False, True, True, True, False]
    assert [trace[node].token for node in (-3, -2, -1, 0)] == [5, 6, 7, 8]
    assert [trace[node].parent for node in (-3, -2, -1, 0)] == [-3, -3, -2, -1]
    assert trace[-2].children == (-1,) and trace[-2].last == -1
    assert trace.path(-2) == path_of((5, 6)) and trace.rest(-2) == (7, 8) and trace.rest(ROOT) == ()
    with pytest.raises(KeyError):
        trace.go(-4)
    assert Trace((5,)).here.parent == ROOT == Trace((5,)).first


def test_a_walk_through_the_prompt_leaves_it_as_it_is():
    trace = grown(Trace((5, 6, 7)), 9)
    back = trace.go(-2)
    assert back.length == 1 and back.nodes is trace.nodes and not back.inside
    assert back.line == trace.line and back.text == (5, 6, 7, 9)
    assert [back.on_line(depth) for depth in (-9, -2, -1, 0, 1, 5)] == [-2, -2, -1, 0, 1, 1]
    assert back.child_with(6) == -1 and back.child_with(9) is None
    assert back.go(-1).child_with(7) == ROOT


def test_a_fork_inside_the_prompt_leaves_the_rest_of_it_in_the_tree():
    trace = grown(Trace((5, 6, 7)), 9)
    forked = grown(trace.go(-2), 8, 4)
    assert forked.text == (5, 8, 4) and forked.shown == (5,) and forked.line[0] == -2
    assert forked.path(forked.cursor) == path_of((5,), (8, 4)) and forked.here.depth == 0 and forked.length == 3
    assert forked.ancestors(forked.cursor) == [2, 3] and forked.inside == {-2}
    assert [forked.on_line(depth) for depth in (-3, -2, -1, 0, 1)] == [-2, -2, 2, 3, 3]
    assert forked.go(-2).text == forked.text  # walking back keeps the text to the right
    assert forked.go(ROOT).text == (5, 6, 7, 9)
    assert forked.go(ROOT).go(-2).text == (5, 6, 7, 9)
    assert forked.go(-2).enter(-1).text == (5, 6, 7, 9)
    assert forked.delete(2).text == trace.text


def test_the_leftmost_of_two_forks_is_where_the_text_leaves_the_prompt():
    trace = grown(Trace((5, 6, 7, 8)).go(-1), 1)
    trace = grown(trace.go(-3), 2)
    assert trace.text == (5, 2) and trace.go(1).text == (5, 6, 7, 1)
    assert trace.go(1).go(-3).text == (5, 6, 7, 1)
    assert trace.go(-2).text == (5, 6, 7, 1)
    assert trace.go(-2).go(-3).text == (5, 6, 7, 1)


def test_a_toss_inside_the_prompt():
    tossed = Trace((5, 6, 7)).go(-1).toss()
    assert tossed.here.toss == 1 and tossed.inside == {-1} and tossed.text == (5, 6, 7)
    assert tossed.here.children == (ROOT,) and tossed.here.last == ROOT
