"""How many threads llama.cpp gets: the physical cores that this process may really use.

A second thread on one core gains nothing for matrix products, and more threads than a container's quota allows make
every decode wait for the slowest. The count is part of a result: it changes the last digits.
"""

from __future__ import annotations

import os
import sys
from math import ceil
from pathlib import Path


def physical_cores(root: Path = Path("/"), allowed: set[int] | None = None) -> int:
    """Distinct cores among the CPUs this process may run on, at most its cgroup's quota; at least 1.

    `root` holds proc/ and sys/, `allowed` is the affinity (both are given by tests only). Without /sys (macOS) the
    system is asked for its cores.
    """
    if allowed is None:
        if not hasattr(os, "sched_getaffinity"):
            return _sysctl("hw.physicalcpu") or os.cpu_count() or 1
        allowed = os.sched_getaffinity(0)
    cores = {_core(root / f"sys/devices/system/cpu/cpu{cpu}/topology", cpu) for cpu in allowed}
    quota = _quota(root)
    return max(1, min(len(cores), ceil(quota)) if quota else len(cores))


def _core(topology: Path, cpu: int) -> tuple[int, int]:
    """(package, core) of a CPU; hyper-threads share one. A CPU without a description counts as a core."""
    try:
        return (int(_text(topology / "physical_package_id")), int(_text(topology / "core_id")))
    except ValueError:
        return (-1, cpu)


def _quota(root: Path) -> float | None:
    """CPUs' worth of time this process's cgroup allows, the smallest on the way up; None for no limit.

    cgroup v2: cpu.max holds "quota period", or "max period". v1: cpu.cfs_quota_us is -1 for no limit.
    """
    found: list[float] = []
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, inside = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        for folder in ("sys/fs/cgroup", f"sys/fs/cgroup/{controllers or 'unified'}"):
            group = Path(inside.lstrip("/"))
            for level in (group, *group.parents):
                here = root / folder / level
                v2 = _text(here / "cpu.max").split()
                v1 = [_text(here / "cpu.cfs_quota_us"), _text(here / "cpu.cfs_period_us")]
                found += [_ratio(v2 or v1)]
    return min((quota for quota in found if quota > 0), default=None)


def _ratio(quota_and_period: list[str]) -> float:
    """quota / period; 0 where there is no limit."""
    try:
        quota, period = map(int, quota_and_period)
        return quota / period
    except (ValueError, ZeroDivisionError):
        return 0


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""


def _sysctl(name: str) -> int:
    """An integer of macOS's sysctl; 0 where it cannot be had."""
    if sys.platform != "darwin":
        return 0
    import ctypes

    value, size = ctypes.c_int(0), ctypes.c_size_t(ctypes.sizeof(ctypes.c_int))
    libc = ctypes.CDLL(None)
    failed = libc.sysctlbyname(name.encode(), ctypes.byref(value), ctypes.byref(size), None, 0)
    return 0 if failed else value.value
