"""`tempviz probs`: its numbers against llama.cpp, its output as other programs read it."""

import csv
import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tempviz.models.engine import LanguageModel
from tempviz.models.toy import ToyModel
from tempviz.tui import opening

from .driving import NAMES, PIECES, Ran, command_line, toy_model

CONTRACT = (
    "model",
    "prompt_tokens",
    "n_vocab",
    "temperature",
    "entropy_bits",
    "effective_choices",
    "tail_prob",
    "n_threads",
    "llama_cpp",
    "top",
)
TOKEN = ("rank", "id", "text", "bytes", "logit", "logprob", "prob")

Probs = Callable[..., Ran]


@pytest.fixture
def probs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Probs:
    """`tempviz probs` on a toy model in this process."""

    def run(toy: ToyModel, *arguments: str, prompt: str = "a") -> Ran:
        def open_toy(path: str, progress: Callable[[float], None], spawned: Callable[..., None]) -> LanguageModel:
            spawned(toy)
            return toy

        monkeypatch.setattr(opening, "opener", lambda n_ctx, n_threads: open_toy)
        return command_line(monkeypatch, capsys, "probs", "toy.gguf", "-p", prompt, *arguments)

    return run


def strict(line: str) -> dict[str, Any]:
    """An object of JSON as the standard has it: no NaN, no Infinity."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(line, parse_constant=refuse)


def objects(ran: Ran) -> list[dict[str, Any]]:
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.isascii() and ran.out.endswith("}\n")
    return [strict(line) for line in ran.out.splitlines()]


# ---- JSON ----------------------------------------------------------------------------------------------------------


def test_one_object_per_temperature_and_line_with_the_fields_of_the_contract(probs: Probs) -> None:
    found = objects(probs(toy_model(), "-t", "0.3", "-t", "1", "-t", "5", "--format", "json", prompt="abc"))
    assert [each["temperature"] for each in found] == [0.3, 1.0, 5.0]
    for each in found:
        assert [key for key in each if key in CONTRACT] == list(CONTRACT)
        assert each["prompt_tokens"] == [NAMES.index(letter) for letter in "abc"]
        assert each["n_vocab"] == len(NAMES)
        assert [token["rank"] for token in each["top"]] == list(range(1, 21))
        assert all(tuple(token)[: len(TOKEN)] == TOKEN for token in each["top"])
        assert each["effective_choices"] == pytest.approx(2 ** each["entropy_bits"], rel=1e-12)


def test_probabilities_are_of_the_whole_vocabulary(probs: Probs) -> None:
    (few,), (all_of_them,) = (objects(probs(toy_model(), "--format", "json", "--top", top)) for top in ("3", "all"))
    assert few["top"] == all_of_them["top"][:3] and len(all_of_them["top"]) == len(NAMES)
    assert sum(token["prob"] for token in all_of_them["top"]) == pytest.approx(1, abs=1e-12)
    assert all_of_them["tail_prob"] == 0
    assert few["tail_prob"] == pytest.approx(1 - sum(token["prob"] for token in few["top"]), abs=1e-12)
    entropy = -sum(token["prob"] * math.log2(token["prob"]) for token in all_of_them["top"])
    assert few["entropy_bits"] == pytest.approx(entropy, rel=1e-12)
    (more,) = objects(probs(toy_model(), "--format", "json", "--top", "100000"))
    assert more == all_of_them


def test_bytes_are_exact_and_text_is_a_lossy_decode(probs: Probs) -> None:
    (found,) = objects(probs(toy_model(), "--format", "json", "--top", "all"))
    for each in found["top"]:
        assert bytes.fromhex(each["bytes"]) == PIECES[each["id"]]
        assert each["text"] == PIECES[each["id"]].decode("utf-8", "replace")


def test_what_is_not_finite_is_null(probs: Probs) -> None:
    toy = toy_model(lambda _: [0.0, 800.0, *([-math.inf] * (len(NAMES) - 2))])
    greedy, cold, plain = objects(probs(toy, "--format", "json", "--top", "all", "-t", "0", "-t", "0.5", "-t", "1"))
    assert [(t["id"], t["logit"], t["logprob"], t["prob"]) for t in plain["top"][:3]] == [
        (1, 800.0, 0.0, 1.0),
        (0, 0.0, -800.0, 0.0),
        (2, None, None, 0.0),
    ]
    assert cold["top"][1]["logprob"] == -1600.0
    assert [(t["prob"], t["logprob"]) for t in greedy["top"][:2]] == [(1.0, 0.0), (0.0, None)]
    assert (greedy["entropy_bits"], greedy["effective_choices"]) == (0, 1)


def test_a_row_that_is_no_distribution_is_refused(probs: Probs) -> None:
    for wrong in (math.nan, math.inf):
        ran = probs(toy_model(lambda _, wrong=wrong: [wrong] * len(NAMES)))
        assert (ran.code, ran.out) == (3, "") and ran.err.startswith("tempviz: ")


# ---- CSV and table -------------------------------------------------------------------------------------------------

FORMULAS = ["a", "=1+1", "+1", "-1", "@SUM(A1)", 'say "x", y', "\t=1", "fine"]


def test_csv_has_a_row_per_temperature_and_token(probs: Probs) -> None:
    ran = probs(toy_model(), "-t", "0.5", "-t", "2", "--format", "csv", "--top", "4")
    assert (ran.code, ran.err) == (0, "")
    rows = list(csv.DictReader(ran.out.splitlines()))
    assert tuple(rows[0])[:8] == ("temperature", *TOKEN)
    assert [(row["temperature"], row["rank"]) for row in rows] == [
        (t, str(r)) for t in ("0.5", "2.0") for r in range(1, 5)
    ]
    found = objects(probs(toy_model(), "-t", "0.5", "-t", "2", "--format", "json", "--top", "4"))
    expected = [token["prob"] for each in found for token in each["top"]]
    assert [float(row["prob"]) for row in rows] == expected


def test_a_spreadsheet_finds_no_formula_in_a_token(probs: Probs) -> None:
    logits = [float(-i) for i in range(len(FORMULAS) - 1)] + [-math.inf]
    ran = probs(ToyModel(logits, FORMULAS), "--format", "csv", "--top", "all")
    rows = list(csv.DictReader(ran.out.splitlines()))
    assert [row["text"] for row in rows] == ["a", "'=1+1", "'+1", "'-1", "'@SUM(A1)", 'say "x", y', "⇥=1", "fine"]
    # Numbers are numbers, negative ones too; what is null in JSON is empty.
    assert [row["logit"] for row in rows][:3] == ["0.0", "-1.0", "-2.0"]
    assert (rows[-1]["logit"], rows[-1]["logprob"], rows[-1]["prob"]) == ("", "", "0.0")
    assert all(cell[:1] not in ("=", "+", "@") for row in rows for cell in row.values())


def test_hostile_tokens_are_safe_in_csv_and_table(probs: Probs) -> None:
    for style in ("csv", "table"):
        out = probs(toy_model(), "--format", style, "--top", "all").out
        assert "[/INST]" in out and "␛" in out
        assert not any((ord(char) < 32 and char != "\n") or 0x7F <= ord(char) < 0xA0 for char in out)
        assert "\u202e" not in out
        if style == "csv":
            assert len(list(csv.reader(out.splitlines()))) == len(NAMES) + 1


def test_the_table_as_exact_text(probs: Probs) -> None:
    toy = ToyModel([math.log(p) for p in (0.5, 0.25, 0.24995, 0.00005)], ["a", " the", "日本", "z"])
    out = probs(toy, "--top", "3").out
    assert out.splitlines()[1:] == [
        "",
        "T 1.00 · entropy 1.50 bits · 2.8 choices",
        "   rank  token           prob      logit       id",
        "      1  a            50.00 %    -0.6931        0",
        "      2  ␣the         25.00 %    -1.3863        1",
        "      3  日本         24.99 %    -1.3865        2",
        "         1 others     <0.01 %",
    ]


# ---- against llama.cpp ---------------------------------------------------------------------------------------------

ORACLE = Path(__file__).with_name("llama_oracle.py")
LONG = "In the beginning there was a small town by the sea, and in it lived a clockmaker. " * 8
TEMPERATURES = ("0.5", "2")


@pytest.mark.parametrize("prompt", ["The capital of France is", LONG], ids=["short", "several chunks"])
def test_the_numbers_are_those_of_llama_cpp(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, demo_model: Path, prompt: str
) -> None:
    # One thread: two wait for each other at every operation where the machine is busy.
    out = tmp_path / "oracle.npz"
    turns = [part for t in TEMPERATURES for part in ("-t", t)]
    ran = command_line(
        monkeypatch, capsys, "probs", "demo", "-p", prompt, *turns, "--top", "all", "--format", "json", "--threads", "1"
    )
    subprocess.run(
        [sys.executable, ORACLE, demo_model, "1", out, *TEMPERATURES],
        input=prompt.encode(),
        check=True,
        capture_output=True,
    )
    oracle = np.load(out)
    found = objects(ran)
    assert len(found) == len(TEMPERATURES) and found[0]["n_threads"] == 1
    if prompt == LONG:
        assert len(oracle["tokens"]) > 2 * 64
    for each, expected in zip(found, oracle["probs"], strict=True):
        assert each["prompt_tokens"] == oracle["tokens"].tolist()
        assert each["n_vocab"] == len(expected) == len(each["top"])
        ids = [token["id"] for token in each["top"]]
        assert sorted(ids) == list(range(len(expected)))
        got = np.array([token["prob"] for token in each["top"]])
        assert np.abs(got - expected[ids]).max() <= 1e-9
        assert np.array_equal([token["logit"] for token in each["top"]], oracle["logits"][ids].astype(float))
        assert each["top"] == sorted(each["top"], key=lambda token: (-token["logit"], token["id"]))
        entropy = -float((expected * np.log2(expected)).sum())
        assert each["entropy_bits"] == pytest.approx(entropy, abs=1e-9)
