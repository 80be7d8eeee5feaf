"""How much memory a model may take on this machine, and how much it will.

Linux keeps a second limit besides the machine's own: the control group (a container, a systemd slice) that this
process runs in. Where neither can be read, nothing is refused.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from .gguf_header import GGUFHeader

LOGIT_ROWS = 64  # rows of logits that are kept for a trace, 4 bytes for each token


def available_memory() -> int | None:
    """Bytes that can be taken without swapping, None if the system does not say."""
    limits = [limit for limit in (_machine(), _control_group()) if limit is not None]
    return min(limits, default=None)


def needed_memory(header: GGUFHeader, n_ctx: int | None, file_size: int) -> int:
    """Bytes to run the model: its file, the KV cache of `n_ctx` tokens in f16, and rows of logits.

    What the header does not give as one number (some models have other sizes in each layer) is not counted, so this
    is a lower bound. Without `n_ctx`, the smallest context counts.
    """
    padded = -(-max(n_ctx or 1, 1) // 256) * 256
    return file_size + padded * _kv_bytes_per_token(header) + header.n_vocab * 4 * LOGIT_ROWS


def _kv_bytes_per_token(header: GGUFHeader) -> int:
    layers, heads = header.number("block_count"), header.number("attention.head_count")
    compressed = header.number("attention.kv_lora_rank")
    if not layers or not heads or compressed:
        return 0
    # Present but no number: the heads differ from layer to layer.
    one_for_all = f"{header.architecture}.attention.head_count_kv" not in header.metadata
    kv_heads = heads if one_for_all else header.number("attention.head_count_kv")
    head = (header.number("embedding_length") or 0) // heads
    key_length = header.number("attention.key_length") or head
    value_length = header.number("attention.value_length") or head
    return layers * (kv_heads or 0) * (key_length + value_length) * 2


def _machine() -> int | None:
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:  # macOS says only how much there is
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None


def _control_group(proc: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")) -> int | None:
    """What is left in the tightest control group around this process."""
    left = [
        limit - max(0, used - cached)
        for folder in _group_folders(proc, root)
        for limit, used, cached in [_group_numbers(folder)]
        if limit is not None
    ]
    return max(0, min(left)) if left else None


def _group_folders(proc: Path, root: Path) -> Iterator[Path]:
    """The group of this process and all around it, in version 2 and version 1 of control groups."""
    try:
        lines = proc.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, _, tail = line.partition(":")
        controllers, _, name = tail.partition(":")
        if controllers in ("", "memory"):
            folder = Path(name.strip("/"))
            for part in (folder, *folder.parents):
                yield root / controllers / part


def _group_numbers(folder: Path) -> tuple[int | None, int, int]:
    """Limit (None without one), use, and the part of the use that is cache of files and can be given back."""
    limit = _number(folder / "memory.max")
    used, cache_key = _number(folder / "memory.current"), "inactive_file"
    if limit is None:
        limit = _number(folder / "memory.limit_in_bytes")
        used, cache_key = _number(folder / "memory.usage_in_bytes"), "total_inactive_file"
    try:
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        cached = int(stat.get(cache_key, 0))
    except (OSError, ValueError):
        cached = 0
    return limit, used or 0, cached


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):  # "max" is no limit
        return None
