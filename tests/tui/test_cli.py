"""The command line: exit codes, sentences on stderr, where a prompt comes from. Nobody here has a terminal."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from .driving import Ran, command_line

PROGRAM = [sys.executable, "-m", "tempviz.tui"]


Tempviz = Callable[..., Ran]


@pytest.fixture
def tempviz(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Tempviz:
    """Run the command line in this process, in an empty folder; what is read from stdin is given."""
    monkeypatch.chdir(tmp_path)
    return partial(command_line, monkeypatch, capsys)


def one_object(ran: Ran) -> dict:
    assert (ran.code, ran.err) == (0, "")
    (line,) = ran.out.splitlines()
    return json.loads(line)


# ---- exit codes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("-h",),
        ("--version",),
        ("probs", "--help"),
        ("models", "--help"),
        ("model.gguf", "--help"),
    ],
)
def test_what_only_tells_ends_with_0(tempviz: Tempviz, arguments: tuple[str, ...]) -> None:
    ran = tempviz(*arguments)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out


def test_the_help_names_the_model_and_no_command_that_is_none(tempviz: Tempviz) -> None:
    assert tempviz("--help").out.startswith("Usage: tempviz [MODEL | COMMAND] [OPTIONS]")
    assert tempviz("model.gguf", "--help").out.startswith("Usage: tempviz MODEL [OPTIONS]")
    assert "..." not in tempviz("--help").out


WRONG_USAGE = [
    # what is asked, and what the sentence says
    (("probs",), "MODEL"),
    (("probs", "MODEL"), "Say which prompt"),
    (("probs", "MODEL", "-p", "a", "--prompt-file", "prompt.txt"), "not from both"),
    (("MODEL", "-p", "a", "--prompt-file", "prompt.txt"), "not from both"),
    (("probs", "MODEL", "-p", "a", "-t", "nan"), "finite number of at least 0, not nan"),
    (("probs", "MODEL", "-p", "a", "-t", "inf"), "finite number of at least 0, not inf"),
    (("probs", "MODEL", "-p", "a", "-t", "-1"), "finite number of at least 0, not -1"),
    (("probs", "MODEL", "-p", "a", "-t", "abc"), "'abc' is not a number"),
    (("probs", "MODEL", "-p", "a", "-t", ""), "'' is not a number"),
    (("MODEL", "-t", "-0.1"), "finite number of at least 0, not -0.1"),
    (("-t", "nan", "MODEL"), "finite number of at least 0, not nan"),
    (("probs", "MODEL", "-p", "a", "--top", "0"), "at least 1, or all; not '0'"),
    (("probs", "MODEL", "-p", "a", "--top", "-3"), "at least 1, or all; not '-3'"),
    (("probs", "MODEL", "-p", "a", "--top", "1.5"), "at least 1, or all; not '1.5'"),
    (("probs", "MODEL", "-p", "a", "--top", "most"), "at least 1, or all; not 'most'"),
    (("probs", "MODEL", "-p", "a", "--format", "xml"), "'xml'"),
    (("probs", "MODEL", "-p", "a", "--ctx", "0"), "0"),
    (("probs", "MODEL", "-p", "a", "--threads", "0"), "0"),
    (("probs", "MODEL", "-p", "a", "--sead", "1"), "--sead"),
    (("MODEL", "--seed", "-1"), "-1"),
    (("MODEL", "--sed", "1"), "Did you mean '--seed'?"),
    (("MODEL", "more"), "more"),
    (("probs", "MODEL", "--prompt-file", "no such file"), "'no such file' cannot be read"),
    (("probs", "MODEL", "--prompt-file", "latin.txt"), "not UTF-8 text (byte 3)"),
    (("probs", "MODEL", "--ctx", "256", "--prompt-file", "long.txt"), "the context holds 256"),
    (("probs", "MODEL", "--prompt-file", "/dev/zero"), "more than 8 MB"),
    (("MODEL", "-p", "a"), "needs a terminal"),
    ((), "needs a terminal"),
    (("prob", "MODEL", "-p", "a"), "Did you mean 'probs'?"),
    (("modles",), "Did you mean 'models'?"),
    (("demoo",), "Did you mean 'demo'?"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG_USAGE)
def test_wrong_usage_ends_with_2(
    tempviz: Tempviz, tmp_path: Path, tiny_model: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "prompt.txt").write_text("hello\n")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    (tmp_path / "long.txt").write_text("abcdefgh" * 100)
    ran = tempviz(*(tiny_model if argument == "MODEL" else argument for argument in arguments))
    assert_refused(ran, 2)
    assert said in ran.err


@pytest.mark.parametrize("command", [("probs", "FILE", "-p", "a"), ("FILE",)])
@pytest.mark.parametrize("file", ["missing.gguf", "./probs", "a\x1b[31m.gguf"])
def test_a_missing_model_ends_with_3(tempviz: Tempviz, command: tuple[str, ...], file: str) -> None:
    ran = tempviz(*(file if argument == "FILE" else argument for argument in command))
    assert_refused(ran, 3)
    assert "\x1b" not in ran.err


def test_a_model_that_cannot_be_used_ends_with_3(tempviz: Tempviz, tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "empty.gguf").touch()
    (tmp_path / "text.gguf").write_text("This is no model.")
    (tmp_path / "cut.gguf").write_bytes(tiny_model.read_bytes()[:-1000])
    (tmp_path / "folder.gguf").mkdir()
    for name in ("empty", "text", "cut", "folder"):
        ran = tempviz("probs", f"{name}.gguf", "-p", "a")
        assert_refused(ran, 3)
        assert f"{name}.gguf" in ran.err


def test_a_model_without_a_chat_template_says_so(tempviz: Tempviz, tiny_model: Path) -> None:
    ran = tempviz("probs", tiny_model, "-p", "a", "--chat")
    assert_refused(ran, 3)
    assert "chat template" in ran.err


def assert_refused(ran: Ran, code: int) -> None:
    """One or two sentences on stderr, nothing on stdout."""
    assert ran.code == code, ran
    assert ran.out == ""
    assert ran.err.startswith("tempviz: ") and ran.err.endswith("\n")
    assert len(ran.err.splitlines()) == 1
    assert "Traceback" not in ran.err


# ---- commands and models -------------------------------------------------------------------------------------------


def test_a_model_whose_name_is_a_command_is_reached_by_its_path(
    tempviz: Tempviz, tmp_path: Path, tiny_model: Path
) -> None:
    (tmp_path / "probs").symlink_to(tiny_model)
    assert "needs a terminal" in tempviz("./probs", "-p", "a").err
    assert "MODEL" in tempviz("probs").err


def test_a_file_like_a_command_is_no_typo(tempviz: Tempviz, tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "prob").symlink_to(tiny_model)
    assert "needs a terminal" in tempviz("prob", "-p", "a").err


def test_options_may_stand_before_the_model(tempviz: Tempviz, tiny_model: Path) -> None:
    assert "needs a terminal" in tempviz("-t", "0.8", "--seed", "7", tiny_model).err


# ---- the prompt ----------------------------------------------------------------------------------------------------


def prompt_of(tempviz: Tempviz, model: Path, *arguments: str | Path, stdin: bytes = b"") -> list[int]:
    return one_object(
        tempviz("probs", model, "--threads", "1", "--format", "json", "--top", "1", *arguments, stdin=stdin)
    )["prompt_tokens"]


def test_the_prompt_comes_from_where_it_is_said_to_be(tempviz: Tempviz, tmp_path: Path, tiny_model: Path) -> None:
    file = tmp_path / "prompt.txt"
    expected = prompt_of(tempviz, tiny_model, "-p", "One\nzwei ☃\n")
    # One trailing newline belongs to the file.
    file.write_bytes("One\nzwei ☃\n\n".encode())
    assert prompt_of(tempviz, tiny_model, "--prompt-file", file) == expected
    assert prompt_of(tempviz, tiny_model, "-p", "-", stdin=file.read_bytes()) == expected
    assert prompt_of(tempviz, tiny_model, "-p", "-", stdin=b"") == prompt_of(tempviz, tiny_model, "-p", "")


def test_stdin_that_is_no_text_is_refused(tempviz: Tempviz, tiny_model: Path) -> None:
    ran = tempviz("probs", tiny_model, "-p", "-", stdin=b"\xff")
    assert_refused(ran, 2)
    assert "Standard input is not UTF-8 text (byte 0)" in ran.err


def test_an_argument_that_is_no_text_ends_in_a_sentence_or_in_numbers(tempviz: Tempviz, tiny_model: Path) -> None:
    """The shell hands over any bytes; Python brings them as lone surrogates."""
    ran = tempviz("probs", tiny_model, "-p", "caf\udce9", "--format", "json")
    if ran.code == 0:
        assert one_object(ran)["prompt_tokens"]
    else:
        assert_refused(ran, 2)


# ---- as a process --------------------------------------------------------------------------------------------------


def process(*arguments: str | Path, **options) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*PROGRAM, *map(str, arguments)], stderr=subprocess.PIPE, **options)


def test_a_reader_that_goes_is_no_error(tiny_model: Path) -> None:
    for arguments in (["--help"], ["probs", tiny_model, "-p", "a", "--top", "all", "-t", "1", *["-t", "2"] * 60]):
        read, write = os.pipe()
        with process(*arguments, stdout=write) as run:
            os.close(write)
            os.close(read)
            assert run.communicate()[1] == b""
        assert run.returncode == 128 + signal.SIGPIPE


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no full device")
def test_a_full_disk_is_said(tiny_model: Path) -> None:
    for arguments in (["--help"], ["probs", tiny_model, "-p", "a", "--format", "json", "--top", "all"]):
        with open("/dev/full", "wb") as full, process(*arguments, stdout=full) as run:
            said = run.communicate()[1].decode()
        assert run.returncode not in (0, None)
        assert said.startswith("tempviz: ") and len(said.splitlines()) == 1


def test_stdout_in_another_encoding(tiny_model: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    for style in ("table", "csv", "json"):
        with process(
            "probs", tiny_model, "-p", "a", "--top", "all", "--format", style, stdout=subprocess.PIPE, env=environment
        ) as run:
            out, err = run.communicate()
        assert (run.returncode, err) == (0, b"")
        assert out.isascii() and out.count(b"\n") >= 1


def test_the_shell_can_complete() -> None:
    environment = {**os.environ, "_TEMPVIZ_COMPLETE": "bash_source"}
    program = Path(sys.executable).with_name("tempviz")
    ran = subprocess.run([program], env=environment, capture_output=True, check=True)
    assert b"complete" in ran.stdout


def test_nothing_heavy_is_imported_to_say_what_is_wrong() -> None:
    code = (
        "import sys; sys.argv = ['tempviz', 'probs']\n"
        "from tempviz.tui.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: print(end.code, {'textual', 'numpy', 'llama_cpp'} & set(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out == "2 set()\n"
