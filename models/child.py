"""The model's process: it reads calls, answers them with a `LlamaModel`, and never outlives the app.

Started by `process.py` as `python -m tempviz.models.child REQUESTS REPLIES ROWS`, three file descriptors. A thread
reads the requests, so a cancellation is seen while llama.cpp computes, and the end of the pipe ends the process
whatever it is doing.
"""

from __future__ import annotations

import os
import queue
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, TypeVar

from . import wire
from .engine import Cancelled, EngineError, Path, extend
from .heap import keep_freed_memory
from .read_ahead import read_ahead

if TYPE_CHECKING:
    from .ahead import Ahead
    from .llama import LlamaModel

T = TypeVar("T")

REPORT_EVERY = 0.05
"""Seconds between two reports of progress at least: a person sees no more, and each one is work for the app."""

LOOK_EVERY = 0.02
"""Seconds between two looks, during work that nothing interrupts, whether its call was cancelled."""

CHAT_SECONDS = 5
"""Time for a chat template to render; a sane one takes milliseconds."""


class Inbox:
    """Calls in the order they came. A cancellation overtakes them all."""

    def __init__(self, requests: Connection, gone: Callable[[], None] = lambda: os._exit(0)) -> None:
        """`gone` is called when the app is: by default that ends the process, whatever it is doing."""
        self._requests = requests
        self._gone = gone
        self._calls: queue.SimpleQueue[wire.Message] = queue.SimpleQueue()
        self._cancelled = self._current = self._newest = -1
        threading.Thread(target=self._read, name="requests", daemon=True).start()

    def next(self) -> wire.Message:
        """Wait for a call. Its id becomes the current one."""
        call = self._calls.get()
        self._current = call["id"]
        return call

    def interrupted(self) -> bool:
        """Whether the current call was cancelled, or left for another one.

        Ids grow, so an earlier cancellation does not count.
        """
        return self._cancelled >= self._current or self._newest > self._current

    def _read(self) -> None:
        while True:
            try:
                message, _ = wire.receive(self._requests)
            except (EOFError, OSError):
                return self._gone()  # the app, or it has closed us: nobody waits for an answer
            if "cancel" in message:
                self._cancelled = message["cancel"]
            else:
                if message["call"] != "go_on":
                    self._newest = message["id"]
                for i in range(message.get("rows", 1)):
                    self._calls.put({**message, "id": message["id"] + i})


class Progress:
    """Reports of one call, not too often; the last one that was held back goes with the answer."""

    def __init__(self, replies: Connection, call: int) -> None:
        self._replies = replies
        self._call = call
        self._next = time.monotonic() + REPORT_EVERY
        self.unsent: Any = None

    def __call__(self, *what: float) -> None:
        self.unsent = what
        if time.monotonic() >= self._next:
            self.now(*what)

    def now(self, *what: float) -> None:
        """Report, however short ago the last report was."""
        wire.send(self._replies, {"id": self._call, "progress": what, "done": False})
        self._next = time.monotonic() + REPORT_EVERY
        self.unsent = None


class Server:
    """Answers calls with the model that the first of them loads."""

    def __init__(self, inbox: Inbox, replies: Connection, rows: wire.RowFile) -> None:
        self._inbox = inbox
        self._replies = replies
        self._rows = rows
        self._model: LlamaModel | None = None
        self._next: tuple[Path, Ahead] | None = None  # where the auto run goes on

    def run(self) -> None:
        """Answer until the inbox ends the process."""
        while True:
            call = self._inbox.next()
            progress = Progress(self._replies, call["id"])
            try:
                if self._inbox.interrupted():
                    self._next = None
                    raise Cancelled("Stopped.")
                answer, blob = self._answer(call, progress)
            except EngineError as error:
                answer, blob = {"error": wire.pack_error(error)}, None
            except Exception as error:
                traceback.print_exc()
                sentence = f"The model's process failed at “{call['call']}”: {type(error).__name__}: {error}"
                answer, blob = {"error": ["EngineError", sentence]}, None
            wire.send(self._replies, {"id": call["id"], "progress": progress.unsent, "done": True, **answer}, blob)
            if call["call"] == "read":
                be_ready_to_draw()

    def _answer(self, call: wire.Message, progress: Progress) -> tuple[wire.Message, bytes | None]:
        following, self._next = self._next, None
        match call:
            case {"call": "load", "path": path, "n_ctx": n_ctx, "n_threads": n_threads}:
                return self._load(path, n_ctx, n_threads, progress)
            case {"call": "tokenize", "text": text}:
                return {"tokens": unless(self._inbox.interrupted, partial(self._loaded.tokenize, text))}, None
            case {"call": "chat_tokens", "text": text}:
                # The template may hold Python's lock for ever; the system's alarm ends the process all the same.
                signal.alarm(CHAT_SECONDS)
                try:
                    return {"tokens": self._loaded.chat_tokens(text)}, None
                finally:
                    signal.alarm(0)
            case {"call": "logits_after", "path": path}:
                row = self._loaded.logits_after(wire.unpack_path(path), progress)
                self._rows.write(call["id"], row)
                return {}, None
            case {"call": "run_on", "path": path, "ahead": ahead}:
                return self._run_on(call["id"], wire.unpack_path(path), wire.unpack_ahead(ahead), progress), None
            case {"call": "go_on"}:
                if following is None:
                    raise Cancelled("The run has ended.")
                return self._run_on(call["id"], *following, progress), None
            case {"call": "read", "tokens": tokens}:
                return {}, self._loaded.read(tuple(tokens), progress).tobytes()
            case {"call": "logits_at", "tokens": tokens, "position": position}:
                self._rows.write(call["id"], self._loaded.logits_at(tuple(tokens), position))
                return {}, None
        raise EngineError(f"The model's process knows no call “{call['call']}”.")

    def _run_on(self, call: int, path: Path, ahead: Ahead, progress: Progress) -> wire.Message:
        """The row after a path, and the token that an auto run takes there; the next call may go on from it."""
        from .row import Row

        began, model = time.perf_counter(), self._loaded
        logits = model.logits_after(path, progress)
        self._rows.write(call, logits)
        foreseen = ahead.draw(path, Row(b"", logits), model.info.vocabulary)
        if foreseen and not foreseen.ends:
            self._next = extend(path, foreseen.token), ahead.after()
        return {"foreseen": wire.pack_foreseen(foreseen), "seconds": time.perf_counter() - began}

    @property
    def _loaded(self) -> LlamaModel:
        if self._model is None:
            raise EngineError("No model is loaded.")
        return self._model

    def _load(self, path: str, n_ctx: int | None, n_threads: int, progress: Progress) -> tuple[wire.Message, bytes]:
        try:
            from .llama import LlamaModel
        except (ImportError, OSError, RuntimeError) as error:
            raise EngineError(
                f"llama-cpp-python is missing or broken ({error}). Install it: pip install llama-cpp-python"
            ) from error
        progress.now(0.0, True)
        read_ahead(path, lambda fraction: progress(fraction, True))
        self._model = LlamaModel.open(path, n_ctx, n_threads, lambda fraction: progress(fraction, False))
        self._model.interrupted = self._inbox.interrupted
        return wire.pack_info(self._model.info)


def be_ready_to_draw() -> None:
    """Import, while nobody waits, what the first token of an auto run would wait for."""
    from . import ahead, chain, plain_chain, row  # noqa: F401


def unless(interrupted: Callable[[], bool], work: Callable[[], T]) -> T:
    """What the work returns, or raises; `Cancelled` as soon as it is interrupted.

    It runs in a thread, which then comes to its end alone: llama.cpp takes seconds for the tokens of a long text, looks
    at nothing meanwhile, and only reads its vocabulary, which other calls may read too.
    """
    done: queue.SimpleQueue[Callable[[], T]] = queue.SimpleQueue()

    def run() -> None:
        try:
            result = work()
        except Exception as error:
            done.put(partial(_raise, error))
        else:
            done.put(lambda: result)

    threading.Thread(target=run, name="work", daemon=True).start()
    while True:
        with suppress(queue.Empty):
            return done.get(timeout=LOOK_EVERY)()
        if interrupted():
            raise Cancelled("Stopped.")


def _raise(error: Exception) -> Any:
    raise error


def be_the_first_to_go() -> None:
    """No core file of the size of a model, and when memory runs out this process goes, not the app (Linux)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("500")
    except OSError:
        pass


def main() -> None:
    requests, replies, rows = map(int, sys.argv[1:])
    inbox = Inbox(Connection(requests, writable=False))
    be_the_first_to_go()
    keep_freed_memory()
    Server(inbox, Connection(replies, readable=False), wire.RowFile(rows)).run()


if __name__ == "__main__":
    main()
