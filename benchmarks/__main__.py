"""`python -m benchmarks [NAME …]`: what tempviz promises, measured here and now; exit 1 if a bound is missed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator

from . import (
    chain_times,
    compare_times,
    engine_times,
    footprint,
    lab_times,
    long_texts,
    lookahead_times,
    reading_times,
    responsiveness,
    sampler_times,
)
from .report import Row, cells, print_table

BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "temperature-key": responsiveness.temperature_key,
    "views-key": responsiveness.views_key,
    "held-temperature": responsiveness.held_temperature,
    "find": responsiveness.find,
    "first-frame": responsiveness.first_frame,
    "step": engine_times.step,
    "auto": engine_times.auto,
    "completion": engine_times.completion,
    "decodes": engine_times.decodes,
    "chain": chain_times.alone,
    "chain-combined": chain_times.combined,
    "chain-new-row": chain_times.new_row,
    "knob-key": sampler_times.knob_key,
    "auto-chain": sampler_times.auto_with_chain,
    "compare": compare_times.compare,
    "reading": reading_times.reading,
    "memory": footprint.memory,
    "lookahead": lookahead_times.lookahead,
    "long-texts": long_texts.keys,
    "long-texts-memory": long_texts.memory,
    "lab-first-frame": lab_times.first_frame,
    "lab-printing": lab_times.printing,
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, all without names."""
    if unknown := set(names) - set(BENCHMARKS):
        print(
            f"There is no benchmark {', '.join(sorted(unknown))}. There are: {', '.join(BENCHMARKS)}.", file=sys.stderr
        )
        return 2
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a person's Python compiles a module once, not at every start
    rows: list[Row] = []
    before = os.getloadavg()[0]
    for name in names or BENCHMARKS:
        print(f"{name} …", file=sys.stderr, flush=True)
        for row in BENCHMARKS[name]():
            rows.append(row)
            print("  " + "  ".join(cells(row)), file=sys.stderr, flush=True)  # all of it takes long
    return 0 if print_table(rows, before) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
