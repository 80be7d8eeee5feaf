"""One child process that runs a model: started afresh, ended without fail, and asked for its last words.

A bad model file can abort, fault or hang llama.cpp, so all of that happens over there.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from multiprocessing import Pipe

from . import wire
from .engine import EngineDied

PATIENCE = 0.5
"""Seconds that a child gets to end by itself."""


_ENVIRONMENT = {
    "GGML_NO_BACKTRACE": "1",  # else an assert starts gdb, which may hang
    "OPENBLAS_NUM_THREADS": "1",  # numpy's products there are small, and its threads would wait in llama.cpp's way
}


class Process:
    """A running `tempviz.models.child`; `replies` come from it, logits through `rows`."""

    def __init__(self) -> None:
        theirs, self._requests = Pipe(duplex=False)
        self.replies, answers = Pipe(duplex=False)
        self._poll = select.poll()  # `Connection.poll` makes one anew for every wait
        self._poll.register(self.replies.fileno(), select.POLLIN)
        self.rows = wire.RowFile.create()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `release`)
        self._sending, self._ending = threading.Lock(), threading.Lock()
        passed = (theirs.fileno(), answers.fileno(), self.rows.fd)
        with theirs, answers, ExitStack() as otherwise:
            otherwise.callback(self.release)
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "tempviz.models.child", *map(str, passed)],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                pass_fds=passed,
                start_new_session=True,  # the terminal's Ctrl-C and hang-up are for the app to answer
                env=os.environ | _ENVIRONMENT,
            )
            otherwise.pop_all()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def lives(self) -> bool:
        """Whether it has not ended yet."""
        return self._child.poll() is None

    def send(self, message: wire.Message, patience: float = -1) -> None:
        """Send a call or a cancellation, from any thread. Raises OSError when the child is gone.

        Raises TimeoutError if the child has not read what is being sent to it within `patience` seconds (-1: no limit).
        """
        if not self._sending.acquire(timeout=patience):
            raise TimeoutError("the child does not read")
        try:
            wire.send(self._requests, message)
        finally:
            self._sending.release()

    def has_answer(self, patience: float) -> bool:
        """Wait at most so many seconds for a reply, or for the end of the child."""
        return bool(self._poll.poll(patience * 1000))

    def kill(self) -> None:
        """End the child at once; whoever waits for a reply sees the end of the pipe."""
        self._child.kill()

    def end(self) -> int:
        """Close the requests, at which the child exits by itself; kill it if it does not. Returns its status."""
        with self._ending:
            if self._sending.acquire(blocking=False):
                self._requests.close()
                self._sending.release()
            else:
                self._child.kill()  # it does not even read what is being sent to it
            try:
                return self._child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._child.kill()
                return self._child.wait()

    def release(self) -> None:
        """Close the files of a child that has ended and that nobody reads from any more. Safe to call twice."""
        with self._ending:
            if self.replies.closed:
                return
            self._requests.close()
            self.replies.close()
            self.rows.close()
            self._log.close()

    def death(self, loading: bool) -> EngineDied:
        """What a child that ended by itself died of."""
        status = self.end()
        return EngineDied(_obituary(status, self._last_words(), loading), -status if status < 0 else None)

    def _last_words(self) -> str:
        """The line of the log's end that tells most: an assertion, an error, an exception; else ""."""
        size = os.fstat(self._log.fileno()).st_size
        tail = os.pread(self._log.fileno(), 8192, max(0, size - 8192)).decode("utf-8", "replace")
        telling = [line for line in tail.splitlines() if any(mark in line for mark in _TELLING)]
        return wire.printable(telling[-1]) if telling else ""


_TELLING = ("GGML_ASSERT", "GGML_ABORT", "rror", "what()", "xception", "fatal", "failed", "out of memory")


def _obituary(status: int, last_words: str, loading: bool) -> str:
    """Two sentences at most on how a process ended; `status` is negative for a signal."""
    words = f" Its last line was: “{last_words}”." if last_words else ""
    if status >= 0:
        return f"The model's process ended by itself with exit code {status}.{words}"
    name = _signal_name(-status)
    doing = "loading this file" if loading else "computing"
    match -status:
        case signal.SIGABRT:
            return f"llama.cpp aborted while {doing} (SIGABRT): {last_words or 'it gives no reason'}"
        case signal.SIGILL:
            return (
                "This llama-cpp-python was compiled for another CPU (SIGILL). Reinstall it here: "
                "pip install --force-reinstall --no-cache-dir llama-cpp-python"
            )
        case signal.SIGBUS:
            return f"The model file changed on disk while llama.cpp was {doing} (SIGBUS). Load it again."
        case signal.SIGSEGV:
            return f"llama.cpp crashed while {doing} (SIGSEGV).{words}"
        case signal.SIGKILL:
            # From outside, so nothing that it wrote has to do with it.
            return f"The model's process was ended by signal {-status} ({name}), as happens when memory runs out."
    return f"The model's process was ended by signal {-status} ({name}).{words}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
