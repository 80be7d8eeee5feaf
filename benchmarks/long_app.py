"""The app on a tree of so many tokens and branches, made directly: `python long_app.py 10000 200`."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
from tempviz.models.engine_events import arrive
from tempviz.models.state import State
from tempviz.models.toy import ToyModel
from tempviz.models.trace import ROOT, Drawn, Trace
from tempviz.tui.app import TempvizApp

BRANCH = 10
NAMES = [f" word{i}" for i in range(200)] + ["."]
ROW = np.linspace(0, 8, len(NAMES), dtype=np.float32)


def toy() -> ToyModel:
    """A model that always says the same, so that nothing but the app takes time."""
    return ToyModel(lambda path: ROW, NAMES, n_ctx=20_480)


def long_state(tokens: int, branches: int) -> State:
    """A text with side branches of ten tokens each, the cursor at its end."""
    trace, node, drawn = Trace((0, 1, 2)), ROOT, Drawn(1.0, 0.5)
    length = tokens - (branches - 1) * BRANCH
    forks = {round(i * length / branches) for i in range(1, branches)}
    for i in range(length):
        trace = trace.grow(node, i * 7 % len(NAMES), drawn, 2.0, 3.0)
        node = trace.next_id - 1
        if i in forks:
            side = trace.line[-2]
            for j in range(BRANCH):
                trace = trace.grow(side, (i * 7 + 1 + j) % len(NAMES), drawn, 4.0, 3.0, enters=False)
                side = trace.next_id - 1
    info = replace(toy().info, path="long")
    return arrive(State(model="long", info=info, prompt="word0 word1 word2", trace=trace.go(node), window=10))


def main() -> None:
    """Run it."""
    state = long_state(int(sys.argv[1]), int(sys.argv[2]))

    def opener(path, progress, spawned):
        model = toy()
        model.info = replace(model.info, path="long")
        spawned(model)
        return model

    TempvizApp("long", opener, state).run()


if __name__ == "__main__":
    main()
