"""What a GGUF header tells, and that one that lies or is damaged is refused, quickly and in little memory."""

from __future__ import annotations

import os
import random
import struct
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import gguf
import pytest
import tiny_models
from refusal import refusal
from tempviz.models.bounded_reader import U32, U64
from tempviz.models.engine import ModelRefused
from tempviz.models.file_check import check_model
from tempviz.models.gguf_file import read_header
from tempviz.models.gguf_header import ArrayShape


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.tiny_llama(tmp_path_factory.mktemp("models") / "tiny.gguf", chat_template="{{ x }}")


def test_header_tells_what_the_model_is(tiny: Path) -> None:
    header = check_model(tiny)
    assert (header.architecture, header.name, header.context_length) == ("llama", "tiny llama", 2048)
    assert (header.n_vocab, header.quantisation, header.split_count) == (299, "F32", 1)
    assert header.chat_template == "{{ x }}"
    assert header.file_size == tiny.stat().st_size == header.described_size
    assert header.metadata["tokenizer.ggml.tokens"] == ArrayShape("str", 299)
    assert header.metadata["tokenizer.ggml.scores"] == ArrayShape("f32", 299)


def test_header_agrees_with_the_reference_reader(tiny: Path) -> None:
    header, reference = read_header(tiny), gguf.GGUFReader(tiny)
    assert header.data_offset == reference.data_offset
    for ours, theirs in zip(header.tensors, reference.tensors, strict=True):
        assert ours.name == theirs.name
        assert list(ours.shape) == theirs.shape.tolist()
        assert header.data_offset + ours.offset == theirs.data_offset
        assert ours.n_bytes == theirs.n_bytes
    scalars = {key: value for key, value in header.metadata.items() if not isinstance(value, ArrayShape)}
    for key, value in scalars.items():
        assert reference.fields[key].contents() == value


def test_quantisation_falls_back_to_the_type_of_most_weights(tmp_path: Path) -> None:
    model = tiny_models.tiny_llama(tmp_path / "m.gguf", overrides={"general.file_type": None})
    assert read_header(model).quantisation == "F32"


def test_identity_follows_the_header(tmp_path: Path, tiny: Path) -> None:
    other = tiny_models.tiny_llama(tmp_path / "o.gguf", chat_template="{{ y }}")
    same = tmp_path / "s.gguf"
    same.write_bytes(tiny.read_bytes())
    assert read_header(same).header_sha256 == read_header(tiny).header_sha256
    assert read_header(other).header_sha256 != read_header(tiny).header_sha256


def test_texts_that_are_not_utf8_are_kept(tmp_path: Path) -> None:
    overrides = {"general.name": b"\xff\x1b[31m", "tokenizer.chat_template": b"{{ \xfe }}"}
    header = check_model(tiny_models.tiny_llama(tmp_path / "m.gguf", overrides=overrides))
    assert header.name.encode("utf-8", "surrogateescape") == b"\xff\x1b[31m"
    assert header.chat_template == "{{ \udcfe }}"


def test_long_text_is_skipped(tmp_path: Path) -> None:
    model = tiny_models.tiny_llama(tmp_path / "m.gguf", overrides={"general.name": "n" * 20_000_000})
    header = check_model(model)
    assert header.metadata["general.name"] == ArrayShape("byte", 20_000_000)
    assert (header.name, header.n_vocab) == ("m", 299)


def test_long_tokens_are_walked_over(tmp_path: Path) -> None:
    pieces = [b"x" * 5000, b"y" * 3_000_000, b"\xe6\xad", b""]
    header = check_model(tiny_models.tiny_llama(tmp_path / "m.gguf", pieces=pieces))
    assert header.n_vocab == 299


def test_reading_is_quick_and_small(tmp_path: Path) -> None:
    """Generous bounds: 30 ms and 2 MB were measured; a reader that makes objects of the strings takes more."""
    tokens = [b"token %d" % number for number in range(262_144)]
    overrides = {"tokenizer.ggml.tokens": tokens, "tokenizer.ggml.scores": [0.0] * len(tokens)}
    model = tiny_models.tiny_llama(tmp_path / "m.gguf", overrides=overrides)
    started = time.perf_counter()
    read_header(model)
    assert time.perf_counter() - started < 0.4
    tracemalloc.start()
    assert read_header(model).n_vocab == 262_144
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def _patched(folder: Path, model: Path, offset: int, new: bytes) -> Path:
    data = bytearray(model.read_bytes())
    data[offset : offset + len(new)] = new
    path = folder / "patched.gguf"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("version", "cause"),
    [
        (1, "version 1, from August 2023"),
        (99, "version 99, and only 2 and 3"),
        (0, "version 0, and only 2 and 3"),
        (3 << 24, "big-endian"),
    ],
)
def test_versions(tmp_path: Path, tiny: Path, version: int, cause: str) -> None:
    assert cause in refusal(_patched(tmp_path, tiny, 4, U32.pack(version)))


def test_version_2_is_read(tmp_path: Path, tiny: Path) -> None:
    assert check_model(_patched(tmp_path, tiny, 4, U32.pack(2))).version == 2


def _after(model: Path, key: str) -> int:
    """Where the value of a metadata entry begins in the file, behind its type."""
    return model.read_bytes().index(key.encode()) + len(key) + 4


LIES = [
    *((8, "<Q", n, "tensors") for n in (1 << 34, 1 << 40, 1 << 60, (1 << 64) - 1, 65_537)),
    *((16, "<Q", n, "metadata entries") for n in (1 << 34, 1 << 60, (1 << 64) - 1, 65_537)),
    *((24, "<Q", n, "name of a metadata entry") for n in (1 << 63, 1 << 40, 65_537, (1 << 64) - 1)),
]


@pytest.mark.parametrize(("offset", "kind", "value", "cause"), LIES)
def test_lies_in_counts(tmp_path: Path, tiny: Path, offset: int, kind: str, value: int, cause: str) -> None:
    sentence = refusal(_patched(tmp_path, tiny, offset, struct.pack(kind, value)))
    assert cause in sentence
    assert "is damaged" in sentence


@pytest.mark.parametrize("n", [13, 1000, 65_536])
def test_more_tensors_than_there_are(tmp_path: Path, tiny: Path, n: int) -> None:
    refusal(_patched(tmp_path, tiny, 8, U64.pack(n)))


@pytest.mark.parametrize("n", [0, 1, 5, 13, 1000, 65_536])
def test_other_entries_than_there_are(tmp_path: Path, tiny: Path, n: int) -> None:
    refusal(_patched(tmp_path, tiny, 16, U64.pack(n)))


@pytest.mark.parametrize("n", [(1 << 24) + 1, 1 << 34, 1 << 60, (1 << 64) - 1])
def test_lies_in_lengths(tmp_path: Path, tiny: Path, n: int) -> None:
    text = _after(tiny, "general.name")
    assert "texts would be" in refusal(_patched(tmp_path, tiny, text, U64.pack(n << 8 if n < 1 << 30 else n)))
    tokens = _after(tiny, "tokenizer.ggml.tokens") + 4
    assert "its list tokenizer.ggml.tokens" in refusal(_patched(tmp_path, tiny, tokens, U64.pack(n)))
    scores = _after(tiny, "tokenizer.ggml.scores") + 4
    assert "its list tokenizer.ggml.scores" in refusal(_patched(tmp_path, tiny, scores, U64.pack(n)))
    first_token = tokens + 8
    refusal(_patched(tmp_path, tiny, first_token, U64.pack(n)))


def test_too_many_texts(tmp_path: Path, tiny: Path) -> None:
    tokens = _after(tiny, "tokenizer.ggml.tokens") + 4
    assert "more than 4,194,304 texts" in refusal(_patched(tmp_path, tiny, tokens, U64.pack(5_000_000)))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit is read from /proc")
def test_lies_cost_neither_memory_nor_time(tmp_path: Path, tiny: Path) -> None:
    """A child that may take 64 MB more than it has after its imports, and a few times what the bare walk over as many
    texts as there may be takes on this machine (a second on a slow one)."""
    tokens = _after(tiny, "tokenizer.ggml.tokens") + 4
    head = struct.pack("<4sIQQ", b"GGUF", 3, 0, 1)
    lies = [_lie(tmp_path / f"{i}.gguf", tiny, tokens, n) for i, n in enumerate((1 << 24, 1 << 22, 1 << 62))]
    zeros = tmp_path / "zeros.gguf"  # 512 MB of empty texts in a file without a block
    zeros.write_bytes(head + _key("a") + U32.pack(9) + U32.pack(8) + U64.pack(1 << 22))
    keys = tmp_path / "keys.gguf"  # names of 64 KiB, as many as may be
    keys.write_bytes(struct.pack("<4sIQQ", b"GGUF", 3, 0, 65_536))
    with keys.open("ab") as file:
        for number in range(200):
            file.write(_key(f"{number:065536}") + U32.pack(0) + b"\0")
    for path in (zeros, keys):
        os.truncate(path, 512 << 20)
    program = """
import resource, struct, sys, time
from tempviz.models.engine import ModelRefused
from tempviz.models.gguf_file import read_header
with open("/proc/self/statm") as statm:
    used = int(statm.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (64 << 20),) * 2)
unpack, text, at, started = struct.Struct("<Q").unpack_from, bytes(8), 0, time.process_time()
for _ in range(1 << 22):
    at += 8 + unpack(text, 0)[0]
walk = time.process_time() - started
for path in sys.argv[1:]:
    started = time.process_time()
    try:
        read_header(path)
        print("read", end=" ")
    except ModelRefused:
        print("refused", end=" ")
    assert time.process_time() - started < 4 * walk, path
"""
    run = subprocess.run(
        [sys.executable, "-c", program, *map(str, (*lies, zeros, keys))],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (run.stdout.split(), run.stderr) == (["refused"] * 3 + ["read", "refused"], "")


def _lie(path: Path, tiny: Path, offset: int, value: int) -> Path:
    data = bytearray(tiny.read_bytes())
    data[offset : offset + 8] = U64.pack(value)
    path.write_bytes(data)
    return path


def _key(name: str) -> bytes:
    return U64.pack(len(name)) + name.encode()


def _entries(*entries: tuple[str, int, bytes]) -> bytes:
    return b"".join(_key(name) + U32.pack(kind) + value for name, kind, value in entries)


@pytest.mark.parametrize(
    ("entries", "cause"),
    [
        ([("a", 4, U32.pack(1)), ("a", 4, U32.pack(2))], "names a twice"),
        ([("", 4, U32.pack(1))], "has no name"),
        ([("a", 13, U32.pack(1))], "unknown type 13"),
        ([("a", 9, U32.pack(9) + U64.pack(1))], "unknown type 9"),
        ([("general.alignment", 4, U32.pack(0))], "no power of two"),
        ([("general.alignment", 4, U32.pack(48))], "no power of two"),
        ([("general.alignment", 8, U64.pack(2) + b"32")], "no power of two"),
    ],
)
def test_impossible_metadata(tmp_path: Path, entries: list[tuple[str, int, bytes]], cause: str) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(struct.pack("<4sIQQ", b"GGUF", 3, 0, len(entries)) + _entries(*entries))
    assert cause in refusal(path)


def _tensor(name: str, shape: tuple[int, ...], kind: int = 0, offset: int = 0) -> bytes:
    dims = b"".join(map(U64.pack, shape))
    return _key(name) + U32.pack(len(shape)) + dims + U32.pack(kind) + U64.pack(offset)


@pytest.mark.parametrize(
    ("tensors", "cause"),
    [
        ([_tensor("a", (8,)), _tensor("a", (8,), offset=32)], "holds the tensor a twice"),
        ([_tensor("a" * 64, (8,))], "name of a tensor"),
        ([_tensor("a", (1, 1, 1, 1, 1))], "5 dimensions"),
        ([_tensor("a", (1 << 63,))], "more elements than can be counted"),
        ([_tensor("a", (1 << 40, 1 << 40))], "more elements than can be counted"),
        ([_tensor("a", (33,), kind=2)], "rows of 33, not blocks of 32"),
        ([_tensor("a", (32,), kind=4)], "quantised as Q4_2, which llama.cpp no longer reads"),
        ([_tensor("a", (8,), offset=32)], "said to be at 32 and not 0"),
        ([_tensor("a", (8,)), _tensor("b", (8,), offset=0)], "said to be at 0 and not 32"),
        ([_tensor("a", (8,)), _tensor("b", (8,), offset=1 << 60)], "said to be at"),
        ([_tensor("a", (1 << 40,))], "its header describes 4,398,0"),
    ],
)
def test_impossible_tensors(tmp_path: Path, tensors: list[bytes], cause: str) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), 0) + b"".join(tensors) + bytes(256))
    assert cause in refusal(path)


def _boundaries(model: Path) -> list[int]:
    """Where the metadata entries and the tensors' descriptions begin in the file."""
    reader = gguf.GGUFReader(model)
    fields = [field.offset for field in reader.fields.values()]
    return sorted({*fields, *(tensor.field.offset for tensor in reader.tensors), reader.data_offset})


def test_truncation_is_always_found(tmp_path: Path, tiny: Path) -> None:
    data, path = tiny.read_bytes(), tmp_path / "cut.gguf"
    header = read_header(tiny)
    cuts = {at + step for at in _boundaries(tiny) for step in (-1, 0, 1)}
    cuts |= set(random.Random(1).sample(range(len(data)), 200)) | {0, 1, 23, 24, len(data) - 1}
    causes = set()
    for cut in cuts:
        path.write_bytes(data[:cut])
        sentence = refusal(path)
        causes.add(sentence.split(str(path))[1].split()[1])
        if cut >= header.data_offset:
            assert f"{cut:,} bytes but its header describes {len(data):,}" in sentence
    assert causes == {"empty:", "only", "incomplete:"}


def test_padding_at_the_end_is_not_needed(tmp_path: Path) -> None:
    """The writer pads the last tensor; llama.cpp loads the file without that padding."""
    model = tiny_models.tiny_llama(tmp_path / "m.gguf", n_vocab=301, n_embd=68)
    end = read_header(model).described_size
    os.truncate(model, end)
    assert check_model(model).file_size == end
    os.truncate(model, end - 1)
    assert "is incomplete" in refusal(model)


def test_bytes_behind_the_data_do_no_harm(tmp_path: Path, tiny: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(tiny.read_bytes() + b"garbage")
    assert check_model(path).file_size > check_model(path).described_size


def test_corruption_never_raises_anything_else(tmp_path: Path, tiny: Path) -> None:
    data, source, path = tiny.read_bytes(), random.Random(2), tmp_path / "m.gguf"
    end = read_header(tiny).data_offset
    outcomes = set()
    for _ in range(300):
        mutant = bytearray(data)
        for _ in range(source.choice((1, 1, 4, 64))):
            at = source.randrange(end)
            new = source.choice((source.randbytes(1), b"\xff" * 4, b"\0" * 8, b"\xff" * 8, source.randbytes(8)))
            mutant[at : at + len(new)] = new
        path.write_bytes(mutant)
        try:
            outcomes.add(check_model(path, 512).version)
        except ModelRefused as refused:
            outcomes.add(str(refused)[len(str(path)) : len(str(path)) + 12])
    assert {2, 3} & outcomes
    assert len(outcomes) > 3


def test_file_that_shrinks_while_it_is_read(tmp_path: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(tiny.read_bytes())
    status = os.stat(path)
    os.truncate(path, 1000)
    monkeypatch.setattr(os, "fstat", lambda descriptor: status)
    assert "inside its own header" in refusal(path)
