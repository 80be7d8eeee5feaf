"""`tempviz compare` as a program sees it: what it prints, and with which code it ends."""

import csv
import io
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tempviz.tui.cli import main
from tempviz.tui.renderables.compare import MEASURED

PARTING = ("-p", "The capital of France is", "-t", "0.5", "-t", "1", "-t", "2", "--seed", "102")
"""On the demo model three columns share their beginning and then part."""


def compare(*arguments: str | Path, code: int = 0) -> tuple[str, str]:
    """What the command prints on stdout and on stderr."""
    command = [sys.executable, "-m", "tempviz.tui", "compare", *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ran.returncode == code, ran
    return ran.stdout, ran.stderr


def no_constant(name: str) -> Any:
    raise AssertionError(f"JSON has no {name}")


def one_object(out: str) -> dict[str, Any]:
    """The one line of strict JSON."""
    (line,) = out.splitlines()
    return json.loads(line, parse_constant=no_constant)


def test_columns_share_their_beginning_and_then_part_the_same_each_time(demo_model: Path):
    arguments = ("demo", *PARTING, "-n", "6", "--format", "json")
    out, err = compare(*arguments)
    assert err == "" and compare(*arguments) == (out, err)
    whole = one_object(out)
    assert list(whole) == ["model", "prompt_tokens", "seed", "columns"]
    assert (whole["model"], whole["seed"]) == (str(demo_model), 102)
    columns = whole["columns"]
    assert [column["temperature"] for column in columns] == [0.5, 1.0, 2.0]
    texts = [column["tokens"] for column in columns]
    assert texts[0][:2] == texts[1][:2] == texts[2][:2]
    assert len({tuple(text) for text in texts}) == 3


def test_json_holds_one_number_a_token(tiny_model: Path):
    out, err = compare(tiny_model, "-p", "abc", "-t", "0", "-t", "3", "-n", "9", "--format", "json")
    assert err == ""
    for column in one_object(out)["columns"]:
        assert list(column) == ["temperature", "tokens", "text", "surprisal_bits", "entropy_bits", "ended"]
        assert len(column["tokens"]) == len(column["surprisal_bits"]) == len(column["entropy_bits"])
        assert 0 < len(column["tokens"]) <= 9
        assert column["ended"] or len(column["tokens"]) == 9
        assert all(bits >= 0 and math.isfinite(bits) for bits in column["surprisal_bits"] + column["entropy_bits"])


def test_csv_has_a_row_per_column_and_position(tiny_model: Path):
    arguments = (tiny_model, "-p", "abc", "-t", "0.5", "-t", "2", "-n", "5", "--format")
    rows = list(csv.DictReader(io.StringIO(compare(*arguments, "csv")[0])))
    columns = one_object(compare(*arguments, "json")[0])["columns"]
    expected = [
        (i, column["temperature"], position, token, surprisal, entropy)
        for i, column in enumerate(columns)
        for position, (token, surprisal, entropy) in enumerate(
            zip(column["tokens"], column["surprisal_bits"], column["entropy_bits"], strict=True)
        )
    ]
    names = ("column", "temperature", "position", "id", "surprisal_bits", "entropy_bits")
    assert [tuple(float(row[name]) for name in names) for row in rows] == expected
    texts = [b"".join(bytes.fromhex(row["bytes"]) for row in rows if row["column"] == str(i)) for i in range(2)]
    assert [text.decode("utf-8", "replace") for text in texts] == [column["text"] for column in columns]


def test_the_columns_go_through_the_chain(tiny_model: Path):
    arguments = (tiny_model, "-p", "abc", "-t", "0", "-t", "3", "-n", "9", "--seed", "5")
    free = one_object(compare(*arguments, "--format", "json")[0])["columns"]
    cut = one_object(compare(*arguments, "--format", "json", "--top-k", "1")[0])["columns"]
    assert free[0]["tokens"] != free[1]["tokens"]
    assert cut[0]["tokens"] == cut[1]["tokens"] == free[0]["tokens"]
    out, _ = compare(*arguments, "--top-k", "1")
    assert " · chain top_k;temperature\n" in out


@pytest.mark.parametrize("width", [30, 60, 100, 237])
def test_the_table_is_as_wide_as_the_terminal(tiny_model: Path, width: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", str(width))
    out, err = compare(tiny_model, "-p", "abc", "-t", "0.5", "-t", "1", "-t", "2.5", "-n", "12")
    heading, blank, *rows, last_blank, parting = out.splitlines()
    assert (err, blank, last_blank) == ("", "", "")
    assert heading.startswith("tiny · ") and " prompt tokens · seed 0 · " in heading
    (rule,) = [row for row in rows if set(row.replace(MEASURED, "")) <= {"─", "┼", " "} and "┼" in row]
    assert width - 3 < len(rule) <= width and max(map(len, rows)) <= width
    assert rows[0].split() == ["T", "0.50", "│", "T", "1.00", "│", "T", "2.50"]
    assert parting.startswith(("┃ They part at token", "All columns are the same."))


def test_every_column_goes_to_the_end_of_the_context(tiny_model: Path):
    arguments = (tiny_model, "-p", "abc", "-t", "0", "-t", "0", "--ctx", "256", "-n", "999", "--format", "json")
    out, err = compare(*arguments)
    whole = one_object(out)
    for column in whole["columns"]:
        full = len(column["tokens"]) + len(whole["prompt_tokens"]) == 256
        assert full or column["ended"]
        assert ("The context of 256 tokens is full" in err) == (full or not column["ended"])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("MODEL", "-p", "a"), 2, "2 to 6 temperatures, not 0"),
        (("MODEL", "-p", "a", "-t", "1"), 2, "2 to 6 temperatures, not 1"),
        (("MODEL", "-p", "a", *["-t", "1"] * 7), 2, "2 to 6 temperatures, not 7"),
        (("MODEL", "-p", "a", "-t", "1", "-t", "nan"), 2, "finite number of at least 0, not nan"),
        (("MODEL", "-t", "1", "-t", "2"), 2, "Say which prompt"),
        (("MODEL", "-p", "a", "-t", "1", "-t", "2", "-n", "0"), 2, "-n"),
        (("MODEL", "-p", "a", "-t", "1", "-t", "2", "--seed", "-1"), 2, "--seed"),
        (("MODEL", "-p", "a" * 999, "-t", "1", "-t", "2", "--ctx", "256"), 2, "the context holds 256"),
        (("MODEL", "-p", "a", "-t", "1", "-t", "2", "--top-p", "2"), 2, "top-p must be"),
        (("no.gguf", "-p", "a", "-t", "1", "-t", "2"), 3, "no.gguf does not exist"),
        (("MODEL", "-p", "a", "-t", "1", "-t", "2", "--chat"), 3, "chat template"),
    ],
)
def test_what_is_refused(
    tiny_model: Path,
    arguments: tuple[str, ...],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    given = [str(tiny_model) if argument == "MODEL" else argument for argument in arguments]
    monkeypatch.setattr(sys, "argv", ["tempviz", "compare", *given])
    with pytest.raises(SystemExit) as end:
        main()
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (code, "")
    assert said in err and err.startswith("tempviz: ") and len(err.splitlines()) == 1
