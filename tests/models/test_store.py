"""The store of rows: bounded in bytes, the row unused longest goes first."""

from collections import OrderedDict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tempviz.models.store import DEFAULT_MB, LogitsStore

ROW = 250_000  # bytes of a test's row: four of them are a megabyte


def row(value: float, n_bytes: int = ROW) -> np.ndarray:
    return np.full(n_bytes // 4, value, np.float32)


def test_a_row_comes_back_as_it_was_put():
    store = LogitsStore(1)
    put = row(1)
    store.put(b"a", put)
    assert store.get(b"a") is put
    assert store.get(b"b") is None


def test_the_row_unused_longest_goes_first():
    store = LogitsStore(1)
    for name in (b"a", b"b", b"c", b"d"):
        store.put(name, row(1))
    store.get(b"a")
    store.put(b"e", row(1))
    assert store.get(b"b") is None and store.get(b"a") is not None
    assert len(store) == 4 and store.held == 4 * ROW


def test_a_row_put_again_takes_the_place_of_the_old():
    store = LogitsStore(1)
    store.put(b"a", row(1))
    store.put(b"a", row(2, 2 * ROW))
    newer = store.get(b"a")
    assert newer is not None and newer[0] == 2
    assert len(store) == 1 and store.held == 2 * ROW


def test_a_row_over_the_limit_is_kept_alone():
    store = LogitsStore(0)
    store.put(b"a", row(1))
    store.put(b"b", row(2))
    assert store.get(b"a") is None and store.get(b"b") is not None
    assert len(store) == 1 and store.held == ROW


def test_clear_forgets_everything():
    store = LogitsStore(1)
    store.put(b"a", row(1))
    store.clear()
    assert len(store) == 0 and store.held == 0 and store.get(b"a") is None


def test_the_default_holds_rows_of_the_largest_vocabularies():
    store = LogitsStore()
    assert store.limit == DEFAULT_MB * 10**6
    assert store.limit // (262_144 * 4) >= 30


operations = st.lists(st.tuples(st.sampled_from(["put", "get"]), st.integers(0, 9), st.integers(1, 5)), max_size=60)


@settings(deadline=None, max_examples=100)
@given(operations)
def test_against_a_plain_list_of_what_was_used(operations: list[tuple[str, int, int]]):
    store, model = LogitsStore(0.01), OrderedDict()
    for operation, name, size in operations:
        key = b"%d" % name
        if operation == "put":
            store.put(key, row(name, size * 1000))
            model[key] = size * 1000
            model.move_to_end(key)
            while sum(model.values()) > 10_000:
                model.popitem(last=False)
        else:
            assert (store.get(key) is not None) == (key in model)
            if key in model:
                model.move_to_end(key)
        assert store.held == sum(model.values()) <= 10_000
        assert len(store) == len(model)


def test_the_latest_rows_up_to_a_size() -> None:
    store = LogitsStore(1)
    for name in (b"a", b"b", b"c"):
        store.put(name, np.zeros(1000, np.float32))
    store.get(b"a")
    assert [key for key, _ in store.latest()] == [b"a", b"c", b"b"]
    assert [key for key, _ in store.latest(0.008)] == [b"a", b"c"]
    assert [key for key, _ in store.latest(0.0)] == []


def test_spare_rows_go_first():
    store = LogitsStore(40 * 4 / 1e6)
    rows = {name: np.zeros(10, np.float32) for name in (b"a", b"b", b"c", b"d", b"e")}
    store.put(b"a", rows[b"a"])
    store.put(b"b", rows[b"b"], spare=True)
    store.put(b"c", rows[b"c"])
    store.put(b"d", rows[b"d"], spare=True)
    store.put(b"e", rows[b"e"])
    assert {key for key, _ in store.latest()} == {b"a", b"c", b"d", b"e"}
    assert store.get(b"d") is rows[b"d"]  # used, so it is spare no more
    store.put(b"b", rows[b"b"])
    assert {key for key, _ in store.latest()} == {b"c", b"d", b"e", b"b"}
