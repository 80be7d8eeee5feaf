"""`LanguageModel` across a process boundary: the app's side of it; `child.py` is the other.

A call blocks the thread that makes it. Whatever becomes of the child, the call ends with an answer or an `EngineError`
in words, and the same object can be loaded again after a death.
"""

from __future__ import annotations

import signal
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from . import wire
from .ahead import RowAhead
from .engine import (
    BadLogits,
    Cancelled,
    ChatTemplateError,
    EngineDied,
    EngineError,
    Loading,
    Logits,
    ModelChanged,
    ModelInfo,
    ModelRefused,
    Path,
    Progress,
    extend,
)
from .file_identity import FileIdentity
from .process import PATIENCE, Process
from .threads import physical_cores

if TYPE_CHECKING:
    from .ahead import Ahead
    from .reading import Reading

LOOK_EVERY = 0.1
"""Seconds between two looks, while a call runs, whether it was cancelled."""

GRACE = 5.0
"""Seconds after a cancellation in which the child has to answer; one operation of llama.cpp ends in far less."""


SLOW = 0.1
"""Seconds for a row from which on the child is one ahead and no more: that hides all the way there and back."""


@dataclass(eq=False)
class _Run:
    """An auto run that the child is ahead with: where it stands, and the calls that were sent for what follows."""

    path: Path
    ahead: Ahead
    calls: deque[int] = field(default_factory=deque)
    seconds: float = SLOW  # that the last row took


class RemoteModel:
    """A model in a process of its own. Making one is cheap; `load` starts the process and waits for it.

    One call runs at a time. `cancel` and `close` may come from any thread at any time, during `load` too.
    """

    def __init__(self, path: str, n_ctx: int | None = None, n_threads: int | None = None) -> None:
        self.path = path
        self._n_ctx = n_ctx
        self._n_threads = n_threads or physical_cores()
        self._one_call = threading.RLock()
        self._state = threading.RLock()  # guards the fields below; never held while waiting
        self._process: Process | None = None
        self._ends_with_us: weakref.finalize | None = None
        self._running = -1  # the call that a cancellation would mean
        self._cancelled, self._cancelled_at = -1, 0.0  # the call that was cancelled last, and when
        self._hung = False  # the process was ended because it did not listen
        self._loading = True  # or about to: a cancellation ends the process, or keeps it from being started
        self._stopped = self._closed = False
        self._calls = 0
        self._run: _Run | None = None
        self._info: ModelInfo | None = None
        self._file = FileIdentity()

    @classmethod
    def open(
        cls,
        path: str,
        *,
        n_ctx: int | None = None,
        n_threads: int | None = None,
        progress: Loading | None = None,
        on_spawn: Callable[[RemoteModel], None] | None = None,
    ) -> RemoteModel:
        """A loaded model. `n_ctx` in tokens, `n_threads` None for the physical cores, `progress` is told how far it is.

        `on_spawn` gets the model before it loads, so that another thread can cancel or close it meanwhile.
        Raises `ModelRefused`, `EngineDied` or `Cancelled`.
        """
        model = cls(path, n_ctx, n_threads)
        if on_spawn:
            on_spawn(model)
        try:
            model.load(progress)
        except BaseException:
            model.close()
            raise
        return model

    def load(self, progress: Loading | None = None) -> None:
        """Check the file, start the process, load the model in it; again after a death, in a new process.

        Raises `ModelRefused`, `EngineDied` or `Cancelled`; then nothing is left running.
        """
        from .file_check import check_model, part_paths

        with self._one_call:
            self._end_process()
            self._loading, self._hung = True, False
            try:
                self._refuse_if_stopped()
                header = check_model(self.path, self._n_ctx)
                self._file = FileIdentity.of(part_paths(header), header.header_sha256)
                with self._state:
                    self._refuse_if_stopped()
                    self._process = Process()
                    self._ends_with_us = weakref.finalize(self, _end, self._process)
                arguments = {"path": self.path, "n_ctx": self._n_ctx, "n_threads": self._n_threads}
                message, blob, _ = self._call("load", arguments, progress)
                with self._state:
                    self._refuse_if_stopped()
                    self._loading = False
                if self._file.changed:
                    raise ModelRefused(f"{self.path} changed on disk while it was being loaded. Open it again.")
                self._info = replace(wire.unpack_info(message, blob), file=str(self._file))
            except BaseException:
                self._end_process()
                raise
            finally:
                with self._state:
                    self._loading, self._stopped = False, self._closed

    @property
    def info(self) -> ModelInfo:
        """What is known of the model; the last load's while its process is dead. Raises `EngineError` before one."""
        if self._info is None:
            raise EngineError("No model is loaded.")
        return self._info

    @property
    def pid(self) -> int | None:
        """Of the child, None while there is none."""
        process = self._process
        return process.pid if process else None

    def tokenize(self, text: str) -> tuple[int, ...]:
        """See `LanguageModel.tokenize`."""
        message, _, _ = self._call("tokenize", {"text": text})
        return tuple(message["tokens"])

    def chat_tokens(self, text: str) -> tuple[int, ...]:
        """See `LanguageModel.chat_tokens`. A template that does not end is ended together with the process."""
        try:
            message, _, _ = self._call("chat_tokens", {"text": text})
        except EngineDied as death:
            if self._hung:
                raise
            if death.signal == signal.SIGALRM:
                raise ChatTemplateError(
                    "The model's chat template does not come to an end, so it was stopped."
                ) from None
            raise ChatTemplateError(f"The model's chat template ended the model's process. {death}") from None
        return tuple(message["tokens"])

    def logits_after(self, path: Path, progress: Progress | None = None) -> Logits:
        """See `LanguageModel.logits_after`. No progress is told of a row that an auto run had begun already."""
        with self._one_call:
            if self._run and self._run.path == path and self._run.calls:
                return self._go_on(self._run, None).logits
            return self._row("logits_after", {"path": wire.pack_path(path)}, progress)

    def run_on(self, path: Path, ahead: Ahead, progress: Progress | None = None) -> RowAhead:
        """See `OwnedModel.run_on`. What is asked for in advance is computed while nobody waits for an answer."""
        with self._one_call, self._told_of_death():
            run = self._run
            if run is None or not run.calls or run.path != path or run.ahead != ahead:
                arguments = {"path": wire.pack_path(path), "ahead": wire.pack_ahead(ahead)}
                run = self._run = _Run(path, ahead, deque(self._sent("run_on", arguments)))
            # Asked for as soon as fewer are on the way: twice as many are it at most, and have slots of their own.
            more = wire.slots(self.info.n_vocab) // 2 if run.seconds < SLOW else 1
            if len(run.calls) < max(2, more) and self._cancelled <= self._calls:
                run.calls += self._sent("go_on", {"rows": more}, more)
            return self._go_on(run, progress)

    @property
    def n_asked(self) -> int:
        """See `OwnedModel.n_asked`."""
        return len(self._run.calls) if self._run else 0

    @property
    def is_ahead(self) -> bool:
        """See `OwnedModel.is_ahead`."""
        run, process = self._run, self._process
        return bool(run and run.calls and process and process.has_answer(0))

    def read(self, tokens: tuple[int, ...], progress: Progress | None = None) -> Reading:
        """See `LanguageModel.read`."""
        from .reading import Reading

        _, blob, _ = self._call("read", {"tokens": tokens}, progress)
        self._refuse_overwritten()
        return Reading.frombytes(tokens, blob)

    def logits_at(self, tokens: tuple[int, ...], position: int) -> Logits:
        """See `LanguageModel.logits_at`."""
        return self._row("logits_at", {"tokens": tokens, "position": position})

    def cancel(self) -> None:
        """Make the running call raise `Cancelled`; a load is ended together with its process.

        A child that does not come to an end of the call is ended, and the call raises `EngineDied`.
        """
        with self._state:
            if self._loading:
                self._stopped = True
                if self._process:
                    self._process.kill()
            elif self._process and self._running >= 0 and self._cancelled != self._running:
                self._cancelled, self._cancelled_at = self._running, time.monotonic()
                try:
                    self._process.send({"cancel": self._running}, PATIENCE)
                except TimeoutError:
                    self._end_hung(self._process)
                except OSError:
                    pass  # it has just died, and the call will say so

    def expect(self) -> None:
        """See `OwnedModel.expect`: a cancellation may reach the child before the call does."""
        with self._state:
            self._running = self._calls + 1

    def abandon(self) -> None:
        """See `OwnedModel.abandon`."""
        with self._state:
            self._closed = self._stopped = True
            if self._process:
                self._process.kill()

    def check(self) -> None:
        """See `OwnedModel.check`."""
        process = self._process
        if process and not process.lives:
            raise self._death(process)

    def close(self) -> None:
        """End the process and wait for its end; a call that runs raises `Cancelled`. Safe to call twice."""
        self.abandon()
        process = self._process
        if process:
            process.end()
        if self._one_call.acquire(blocking=False):
            try:
                self._end_process()
            finally:
                self._one_call.release()

    def _row(self, name: str, arguments: dict[str, Any], progress: Progress | None = None) -> Logits:
        """Make a call that is answered with a row of logits."""
        with self._one_call:
            _, _, call = self._call(name, arguments, progress)
            return self._read_row(call)

    def _go_on(self, run: _Run, progress: Progress | None) -> RowAhead:
        """The next row of a run, of which the child knows already; whatever goes wrong ends the run."""
        call, self._run = run.calls.popleft(), None
        self._running = max(self._running, self._calls)
        with self._told_of_death() as process:
            message, _ = self._answer(process, call, progress)
        foreseen = wire.unpack_foreseen(message["foreseen"], run.ahead, self.info.n_vocab)
        row = self._read_row(call)
        if foreseen and not foreseen.ends and self._cancelled < call:
            run.path, run.ahead, run.seconds = extend(run.path, foreseen.token), run.ahead.after(), message["seconds"]
            self._run = run
        return RowAhead(row, foreseen, message["seconds"])

    def _read_row(self, call: int) -> Logits:
        assert self._process is not None
        row = self._process.rows.read(call, self.info.n_vocab)
        self._refuse_overwritten()
        return row

    def _call(
        self, name: str, arguments: dict[str, Any], progress: Callable[..., None] | None = None
    ) -> tuple[wire.Message, bytes, int]:
        """Send a call and wait for its answer: (message, blob, number of the call)."""
        with self._one_call, self._told_of_death() as process:
            self._run = None  # the child leaves it for this call
            (call,) = self._sent(name, arguments)
            return *self._answer(process, call, progress), call

    @contextmanager
    def _told_of_death(self) -> Iterator[Process]:
        """The child, to talk to; raises what its end means, in words."""
        process = self._alive()
        try:
            yield process
        except (EOFError, OSError):
            raise self._death(process) from None

    def _sent(self, name: str, arguments: dict[str, Any], n: int = 1) -> range:
        """Send a call, or n of them in one; their numbers."""
        first = self._calls + 1
        self._calls += n
        self._running = max(self._running, self._calls)  # before the child knows: a cancellation may arrive there first
        self._alive().send({"id": first, "call": name, **arguments})
        return range(first, first + n)

    def _answer(self, process: Process, call: int, progress: Callable[..., None] | None) -> tuple[wire.Message, bytes]:
        """Wait for the answer to a call. A cancellation meanwhile is meant for it, and for all that was sent."""
        try:
            return self._awaited(process, call, progress)
        finally:
            with self._state:
                self._running = -1
                self._calls = max(self._calls, self._cancelled)  # that was for this call, and must not meet a later one

    def _awaited(self, process: Process, call: int, progress: Callable[..., None] | None) -> tuple[wire.Message, bytes]:
        while True:
            while not process.has_answer(LOOK_EVERY):
                if self._cancelled >= call and time.monotonic() - self._cancelled_at > GRACE:
                    self._end_hung(process)
            message, blob = wire.receive(process.replies)
            if message["id"] != call:
                continue  # the rest of a call that was left by an exception
            if "error" in message:
                raise self._told(wire.unpack_error(message["error"]))
            if progress and message["progress"]:
                progress(*message["progress"])
                self._refuse_if_stopped()  # by what was just called
            if message["done"]:
                return message, blob

    def _end_hung(self, process: Process) -> None:
        """End a process that does not answer to a cancellation; the call sees the end of the pipe."""
        self._hung = True
        process.kill()

    def _told(self, error: EngineError) -> EngineError:
        """NaN out of a model that was sound may mean that its file was overwritten."""
        if isinstance(error, BadLogits) and self._file.changed:
            return BadLogits(f"{error} The model file changed on disk since it was loaded; load it again.")
        return error

    def _death(self, process: Process) -> EngineError:
        """The error for a child that hung up."""
        if self._stopped:
            self._end_process()
            return Cancelled("Stopped.")
        error = process.death(self._loading)
        self._end_process()
        if self._hung:
            return EngineDied("The model's process did not stop when it was told to, so it was ended.", error.signal)
        if self._file.changed and "changed on disk" not in str(error):
            return EngineDied(f"{error} The model file changed on disk since it was loaded.", error.signal)
        return error

    def _alive(self) -> Process:
        if self._closed:
            raise Cancelled("The model was closed.")
        if self._process is None:
            raise EngineDied("The model's process is not running. Load the model again.")
        return self._process

    def _refuse_if_stopped(self) -> None:
        if self._stopped:
            raise Cancelled("Stopped.")

    def _end_process(self) -> None:
        """End the child, if there is one, and close its files; only by whoever holds `_one_call`."""
        with self._state:
            process, self._process, self._run = self._process, None, None
        if process:
            process.end()
            process.release()
        if self._ends_with_us:
            self._ends_with_us.detach()

    def _refuse_overwritten(self) -> None:
        if self._file.overwritten:
            raise ModelChanged("The model file changed on disk since it was loaded; load it again.")


def _end(process: Process) -> None:
    """For the interpreter's exit, and for a model that is dropped without being closed."""
    process.end()
    process.release()
