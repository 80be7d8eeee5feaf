"""`tempviz lab` on stdout: the numbers to eight digits, what is no logit, and what is not imported for it."""

import csv
import io
import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tempviz.models.lab import GREETINGS, Lab, LabError, logit_of
from tempviz.tui.cli import main
from tempviz.tui.lab import lab_command, read_names


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `tempviz lab` in this process, which has no terminal."""

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["tempviz", "lab", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        return Ran(int(end.value.code or 0), out, err)

    return run


def objects(ran: Ran) -> list[dict[str, Any]]:
    assert (ran.code, ran.err) == (0, "")
    return [json.loads(line) for line in ran.out.splitlines()]


def probs(described: dict[str, Any]) -> list[float]:
    """The probabilities in the order in which the logits were given."""
    return [token["prob"] for token in sorted(described["top"], key=lambda token: token["id"])]


def eight_digits(*expected: float) -> Any:
    return pytest.approx(expected, rel=0, abs=5e-9)


# ---- the numbers ---------------------------------------------------------------------------------------------------


def test_two_logits(lab: Run) -> None:
    one, two, five = objects(lab("1", "2", "-t", "1", "-t", "2", "-t", "5", "--format", "json"))
    assert probs(one) == eight_digits(0.26894142, 0.73105858)
    assert probs(two) == eight_digits(0.37754067, 0.62245933)
    assert probs(five) == eight_digits(0.45016600, 0.54983400)


def test_the_greetings(lab: Run) -> None:
    one, five, none, most = objects(lab("-t", "1", "-t", "5", "-t", "0", "-t", "1000", "--format", "json"))
    for at in (one, five):
        powers = [math.exp(x / at["temperature"]) for x in (0.1, 0, 0.5, 1, 4, 0.6)]
        assert probs(at) == eight_digits(*(power / math.fsum(powers) for power in powers))
    assert round(probs(one)[4], 3) == 0.868 and round(probs(five)[4], 3) == 0.289
    assert probs(none) == [0, 0, 0, 0, 1, 0]
    assert probs(most) == pytest.approx([1 / 6] * 6, rel=0, abs=1e-3)
    best = one["top"][0]
    assert (best["rank"], best["id"], best["text"], best["logit"]) == (1, 4, "Hello", 4)
    assert bytes.fromhex(best["bytes"]) == b"Hello"


def test_the_object_is_that_of_probs_without_a_model(
    lab: Run, tiny_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (described,) = objects(lab("1", "2", "--format", "json"))
    assert [described[name] for name in ("model", "prompt_tokens", "n_threads", "llama_cpp")] == [None, [], None, None]
    assert (described["n_vocab"], described["temperature"], described["tail_prob"]) == (2, 1, 0)
    assert described["entropy_bits"] == pytest.approx(-sum(p * math.log2(p) for p in probs(described)))
    assert described["effective_choices"] == pytest.approx(2 ** described["entropy_bits"])
    monkeypatch.setattr(sys, "argv", ["tempviz", "probs", str(tiny_model), "-p", "a", "--format", "json"])
    with pytest.raises(SystemExit):
        main()
    of_a_model = json.loads(capsys.readouterr().out)
    assert list(described) == list(of_a_model)
    assert list(described["top"][0]) == list(of_a_model["top"][0])


def test_a_table_where_there_is_no_terminal(lab: Run) -> None:
    assert lab("1", "2", "--tokens", "a, b", "-t", "2") == Ran(
        0,
        "lab · 2 tokens\n"
        "\n"
        "T 2.00 · entropy 0.96 bits · 1.9 choices\n"
        "   rank  token        prob      logit       id\n"
        "      1  ␣b        62.25 %     2.0000        1\n"
        "      2  a         37.75 %     1.0000        0\n",
        "",
    )


def test_csv_is_safe_for_a_spreadsheet(lab: Run) -> None:
    ran = lab("0", "1", "--tokens", "=1+1,\x1b[2J", "--format", "csv")
    head, first, second = csv.reader(io.StringIO(ran.out))
    assert head[:8] == ["temperature", "rank", "id", "text", "bytes", "logit", "logprob", "prob"]
    assert (first[2:4], second[2:4]) == (["1", "␛[2J"], ["0", "'=1+1"])


# ---- what is a logit -----------------------------------------------------------------------------------------------


def test_negative_logits_are_arguments(lab: Run) -> None:
    (described,) = objects(lab("-1", "2", "-0.5", "-1e-3", "-inf", "-t", "2", "--format", "json"))
    logits = {token["id"]: token["logit"] for token in described["top"]}
    assert logits == {0: -1, 1: 2, 2: -0.5, 3: -1e-3, 4: None}
    assert described["temperature"] == 2
    assert probs(described)[4] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nan",), "nan cannot be a logit:"),
        (("1", "inf"), "inf cannot be a logit:"),
        (("1", "1e39"), "1e39 cannot be a logit:"),
        (("-nan", "1"), "-nan cannot be a logit:"),
        (("-inf", "-inf"), "every token is masked."),
        (("one",), "'one' is not a number."),
        (("-x",), "'-x' is not a number."),
        (("1", "--tokns", "a"), "Did you mean '--tokens'?"),
        (("1", "2", "--tokens", "a"), "The names are 1 and the logits 2."),
        (("--tokens", "a,b"), "The names are 2 and the logits 0."),
        (("1", "--tokens", 'a"b,"c'), "stand between commas"),
        (("1", "-t", "nan"), "finite number of at least 0, not nan"),
        (("1", "-t", "-1"), "finite number of at least 0, not -1"),
        (("1", "--format", "xml"), "'xml'"),
    ],
)
def test_what_is_no_logit_is_said_by_name(lab: Run, arguments: tuple[str, ...], said: str) -> None:
    for style in ((), ("--format", "json")):
        ran = lab(*style, *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err and len(ran.err.splitlines()) == 1


def test_a_minus_sign_as_it_is_printed() -> None:
    assert logit_of("−0.5") == -0.5


# ---- the lab as a value --------------------------------------------------------------------------------------------


def test_edits() -> None:
    lab = Lab.of([1, 2])
    assert lab.names == ("x0", "x1")
    assert lab.with_logit(0, 5).logits == (5, 2)
    assert lab.with_token("c", -1) == Lab((1, 2, -1), ("x0", "x1", "c"))
    assert lab.without(0) == Lab((2,), ("x1",))
    with pytest.raises(LabError, match="at least one token"):
        lab.without(0).without(0)
    with pytest.raises(LabError, match="masked"):
        Lab.of([1]).with_logit(0, -math.inf)
    assert Lab.of([]) == GREETINGS


@pytest.mark.parametrize(
    "lab", [GREETINGS, Lab((0.1, -math.inf), ("a/b", 'say "x, y"\n')), Lab((1e-30,), ("caf\udce9",))]
)
def test_the_same_path_is_the_same_lab(lab: Lab) -> None:
    assert Lab.at(lab.path) == lab


@pytest.mark.parametrize("lab", [GREETINGS, Lab((0.1, -math.inf, -1 / 3), ("it's", 'say "x, y"\n', ""))])
def test_the_shell_command_gives_the_same_lab(lab: Lab) -> None:
    echo = f"printf '%s\\0' {lab_command(lab, 1 / 3).removeprefix('tempviz lab ')}"
    out = subprocess.run(["bash", "-c", echo], capture_output=True, text=True, check=True).stdout
    *logits, option, names, _, temperature = out.split("\0")[:-1]
    assert option == "--tokens"
    assert Lab.of([logit_of(logit) for logit in logits], read_names(names)) == lab
    assert float(temperature) == 1 / 3


@pytest.mark.parametrize("masked", ["-inf", "-infinity", "-Infinity"])
def test_a_masked_logit_is_no_option(lab: Run, masked: str) -> None:
    (described,) = objects(lab("1", masked, "-1e0", "--format", "json"))
    assert probs(described)[1] == 0.0 and len(described["top"]) == 3


# ---- as a process --------------------------------------------------------------------------------------------------


def test_nothing_heavy_is_imported_to_print() -> None:
    code = (
        "import sys; sys.argv = ['tempviz', 'lab', '1', '2', '-t', '2', '--format', 'json']\n"
        "sys.modules['llama_cpp'] = None\n"
        "from tempviz.tui.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: print(end.code, 'numpy' in sys.modules, 'textual' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert json.loads(out[0])["n_vocab"] == 2
    assert out[1] == "0 True False"
