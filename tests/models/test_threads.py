"""Counting the cores that llama.cpp may use, on machines made of a few files."""

import os
from pathlib import Path

import pytest
from tempviz.models.threads import physical_cores


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text + "\n")


def cpus(cores: list[tuple[int, int]]) -> dict[str, str]:
    """Topology files of CPUs 0, 1, … with (package, core) each."""
    files = {}
    for cpu, (package, core) in enumerate(cores):
        folder = f"sys/devices/system/cpu/cpu{cpu}/topology"
        files |= {f"{folder}/physical_package_id": str(package), f"{folder}/core_id": str(core)}
    return files


def test_siblings_count_once_and_packages_apart(tmp_path: Path):
    write(tmp_path, cpus([(0, 0), (0, 1), (1, 0), (1, 1), (0, 0), (0, 1), (1, 0), (1, 1)]))
    assert physical_cores(tmp_path, set(range(8))) == 4
    assert physical_cores(tmp_path, {0, 4}) == 1
    assert physical_cores(tmp_path, {0, 1, 2}) == 3


def test_without_a_description_every_cpu_is_a_core(tmp_path: Path):
    assert physical_cores(tmp_path, {0, 1, 2}) == 3
    assert physical_cores(tmp_path, set()) == 1


@pytest.mark.parametrize(
    ("cgroup", "files", "count"),
    [
        ("0::/", {"sys/fs/cgroup/cpu.max": "150000 100000"}, 2),
        ("0::/a/b", {"sys/fs/cgroup/a/cpu.max": "100000 100000", "sys/fs/cgroup/a/b/cpu.max": "max 100000"}, 1),
        ("0::/gone", {"sys/fs/cgroup/cpu.max": "20000 100000"}, 1),
        ("0::/", {"sys/fs/cgroup/cpu.max": "max 100000"}, 4),
        ("0::/", {"sys/fs/cgroup/cpu.max": "900000 100000"}, 4),
        (
            "3:cpu,cpuacct:/x\n4:memory:/x",
            {
                "sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us": "300000",
                "sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us": "100000",
            },
            3,
        ),
        (
            "3:cpu:/",
            {"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"},
            4,
        ),
    ],
)
def test_a_quota_is_rounded_up_and_the_tightest_counts(tmp_path: Path, cgroup: str, files: dict[str, str], count: int):
    write(tmp_path, cpus([(0, i) for i in range(4)]) | {"proc/self/cgroup": cgroup} | files)
    assert physical_cores(tmp_path, {0, 1, 2, 3}) == count


def test_this_machine_has_a_core():
    assert 1 <= physical_cores() <= (os.cpu_count() or 1)
