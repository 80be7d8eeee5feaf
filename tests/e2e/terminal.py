"""A real pseudo-terminal: what a person's terminal does to a program, and all that the program does to it.

The command runs in a session of its own under a leader that plays the shell, so that /dev/tty works, the
death of the program hangs up nothing, and only the program's own doing ends its children. Everything it
writes is kept as raw bytes and drawn on a `pyte` screen. Nothing here sleeps: each call reads until
something is seen or the terminal is quiet.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import uuid
from collections.abc import Callable, Mapping, Sequence

import psutil
import pyte

from .stream import SEQUENCE, assert_clean, modes_left_on

# The first terminal that a session leader opens becomes its controlling terminal. The leader lives until the
# harness closes its pipe; it says when it started the program and as which process, then how that ended.
LEADER_SOURCE = """
import os, signal, sys, time
control, report, path, *command = sys.argv[1:]
tty = os.open(path, os.O_RDWR)
for number in signal.SIGHUP, signal.SIGINT, signal.SIGTTOU: signal.signal(number, signal.SIG_IGN)
started = time.perf_counter()
pid = os.fork()
if pid == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(tty, os.getpid())
    for number in signal.SIGHUP, signal.SIGINT, signal.SIGTTOU: signal.signal(number, signal.SIG_DFL)
    for fd in 0, 1, 2: os.dup2(tty, fd)
    os.closerange(3, 256)
    os.execvp(command[0], command)
os.write(int(report), f"{started} {pid}\\n".encode())
status = os.waitpid(pid, 0)[1]
os.write(int(report), f"{os.waitstatus_to_exitcode(status)}\\n".encode())
os.read(int(control), 1)
"""
LEADER = [sys.executable, "-IS", "-c", LEADER_SOURCE]

ARROWS = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
KEYS = {name: f"\x1b[{final}" for name, final in ARROWS.items()} | {
    "space": " ",
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "escape": "\x1b",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
}
# Textual asks whether a frame can be sent as one; a yes puts an end marker behind each. In-band resizes: no.
ANSWERS = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[?2048$p": b"\x1b[?2048;0$y"}
QUESTION = re.compile(rb"\x1b\[\?20(?:26|48)\$p")
FRAME_BEGIN, FRAME_END = b"\x1b[?2026h", b"\x1b[?2026l"


def key_bytes(name: str) -> bytes:
    """What a terminal sends for a key, named as Textual names it, or for a single character."""
    if name.startswith("ctrl+") and len(name) == 6:
        return bytes([ord(name[-1].upper()) & 0x1F])
    return KEYS.get(name, name).encode()


class Terminal:
    """A program in a terminal of `rows` × `columns` cells; used in a `with`, it leaves no process behind."""

    def __init__(
        self,
        command: Sequence[str],
        rows: int = 24,
        columns: int = 80,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
    ) -> None:
        self.raw = bytearray()  # everything the program wrote
        self.reads: list[tuple[float, int]] = []  # after each read: the time, and the length of `raw`
        self.status: int | None = None  # exit code, or minus the signal, once it ended
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._drawn = self._answered = 0
        self._mark = uuid.uuid4().hex
        self._master, self._slave = pty.openpty()
        self._set_size(rows, columns)
        self.termios_before = termios.tcgetattr(self._slave)
        os.set_blocking(self._master, False)
        control, self._control = os.pipe()
        self._report, report = os.pipe()
        self._leader = subprocess.Popen(
            [*LEADER, str(control), str(report), os.ttyname(self._slave), *command],
            start_new_session=True,
            pass_fds=(control, report),
            stdin=subprocess.DEVNULL,
            env=_environment(env) | {"E2E_MARK": self._mark},
            cwd=cwd,
        )
        os.close(control)
        os.close(report)
        started, pid = self._report_line().split()
        self.started, self.pid = float(started), int(pid)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.survivors():
            process.kill()
        os.close(self._control)
        self._leader.wait(5)
        for fd in (self._master, self._slave, self._report):
            os.close(fd)

    # What a person does.

    def press(self, *keys: str) -> None:
        """Type keys, all in one write."""
        self.send(b"".join(map(key_bytes, keys)))

    def send(self, data: bytes) -> float:
        """Write bytes to the keyboard, however slowly the program reads them; the time of the last write."""
        sent_at = time.perf_counter()
        while data:
            readable, writable, _ = select.select([self._master], [self._master], [], 10)
            if not readable and not writable:
                raise AssertionError("the program has read nothing for 10 s\n" + self.picture())
            if readable:
                self._read()
            if writable:
                sent_at = time.perf_counter()
                data = data[os.write(self._master, data[:1024]) :]
        return sent_at

    def resize(self, rows: int, columns: int) -> None:
        """Change the window; the kernel tells the program by SIGWINCH."""
        self._draw()
        self.screen.resize(rows, columns)
        self._set_size(rows, columns)

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to the program itself, not to its children."""
        os.kill(self.pid, number)

    # What a person sees.

    @property
    def lines(self) -> list[str]:
        """The rows of the screen, blanks at their ends removed."""
        self._draw()
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        """The screen as it stands."""
        return "\n".join(self.lines)

    @property
    def epilogue(self) -> str:
        """What was printed after the program left the alternate screen, as plain text."""
        left = bytes(self.raw).rpartition(b"\x1b[?1049l")[2]
        return SEQUENCE.sub(b"", left).decode("utf-8", "replace").replace("\r\n", "\n")

    def picture(self) -> str:
        """The screen in a frame, for the message of a failed test."""
        edge = "+" + "-" * self.screen.columns + "+"
        return "\n".join([edge, *self.lines, edge, f"exit status so far: {self.status}"])

    # Waiting: always for something.

    def pump(self, timeout: float) -> bool:
        """Read once, waiting at most `timeout` seconds; whether anything came."""
        sources = [self._master] + ([self._report] if self.status is None else [])
        readable = select.select(sources, [], [], max(0.0, timeout))[0]
        if self._report in readable:
            self.status = int(self._report_line())
        if self._master in readable:
            self._read()
        return bool(readable)

    def wait_for(self, what: str | Callable[[Terminal], object], timeout: float = 10) -> Terminal:
        """Read until a text is on the screen, or a question about the terminal is answered yes."""
        seen = (lambda: what in self.text) if isinstance(what, str) else (lambda: what(self))
        deadline = time.perf_counter() + timeout
        while not seen():
            left = deadline - time.perf_counter()
            if left <= 0 or (self.status is not None and not self.pump(0.05)):
                raise AssertionError(f"never seen in {timeout} s: {what}\n{self.picture()}")
            if self.status is None:
                self.pump(min(left, 0.5))
        return self

    def settle(self, quiet: float = 0.15, timeout: float = 10) -> Terminal:
        """Read until nothing has been written for `quiet` seconds."""
        deadline = time.perf_counter() + timeout
        while self.pump(quiet):
            if time.perf_counter() > deadline:
                raise AssertionError(f"still writing after {timeout} s\n{self.picture()}")
        return self

    def wait(self, timeout: float = 10) -> int:
        """Read until the program has ended: its exit code, or minus the signal that ended it."""
        deadline = time.perf_counter() + timeout
        while self.status is None:
            left = deadline - time.perf_counter()
            if left <= 0:
                raise AssertionError(f"still running after {timeout} s\n{self.picture()}")
            self.pump(left)
        self.settle(0.05)
        return self.status

    # What is left behind.

    def children(self) -> list[psutil.Process]:
        """The program's living descendants."""
        try:
            return [p for p in psutil.Process(self.pid).children(recursive=True) if _alive(p)]
        except psutil.NoSuchProcess:
            return []

    def survivors(self) -> list[psutil.Process]:
        """Every living process that the program is or has started, whoever its parent is by now."""
        mine = (p for p in psutil.process_iter() if _mark_of(p) == self._mark)
        return [p for p in mine if p.pid != self._leader.pid and _alive(p)]

    def assert_restored(self, within: float = 2) -> None:
        """The program ended and left all as it was: modes, line settings, no process, only clean bytes."""
        assert self.status is not None, "the program still runs"
        left_on = modes_left_on(bytes(self.raw))
        assert not left_on, f"terminal modes left changed: {left_on}"
        assert termios.tcgetattr(self._slave) == self.termios_before, "the line settings are not restored"
        assert_clean(bytes(self.raw))
        deadline = time.perf_counter() + within
        while self.survivors() and time.perf_counter() < deadline:
            self.pump(0.05)
        assert self.survivors() == [], "a process outlives the program"

    # Plumbing.

    def _set_size(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _report_line(self) -> str:
        line = b""
        while not line.endswith(b"\n"):
            byte = os.read(self._report, 1)
            assert byte, "the leader of the session died"
            line += byte
        return line.decode()

    def _read(self) -> None:
        self.raw += os.read(self._master, 1 << 16)
        self.reads.append((time.perf_counter(), len(self.raw)))
        for question in QUESTION.finditer(self.raw, self._answered):
            os.write(self._master, ANSWERS[question[0]])
            self._answered = question.end()
        # A question may be cut by the end of a read: keep looking from its possible start.
        self._answered = max(self._answered, len(self.raw) - 8)

    def _draw(self) -> None:
        """Bring the screen up to date: whole frames and sequences only, without those that pyte does not know."""
        new = bytes(self.raw[self._drawn :])
        begun, cut = new.rfind(FRAME_BEGIN), new.rfind(b"\x1b")
        if begun > new.rfind(FRAME_END):
            new = new[:begun]
        elif cut >= 0 and not SEQUENCE.match(new, cut):
            new = new[:cut]
        self._drawn += len(new)
        self._stream.feed(re.sub(rb"\x1b\[(?:[<=>][\d;]*u|\?[\d;]*\$p)", b"", new))


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    """The environment of a common terminal, whatever this one is."""
    noise = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "TERM_PROGRAM", "PYTEST_")
    noise += ("PYTHONDONTWRITEBYTECODE",)  # a person's Python compiles a module once, not at every start
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TEXTUAL", *noise))}
    plain = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
    plain |= {"PYTHONUNBUFFERED": "1"}  # as in most containers, whatever this machine sets: the harder case
    return kept | plain | dict(extra or {})


def _alive(process: psutil.Process) -> bool:
    try:
        return process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


def _mark_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("E2E_MARK")
    except (psutil.Error, OSError):
        return None
