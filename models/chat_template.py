"""A model's chat template, rendered around one message.

A template is a program that came with the model file. It runs in Jinja's immutable sandbox, in the child process, with
a limit on memory; its time is limited by `child.py`, with an alarm that ends the process.
(The environment is the one of Hugging Face's `apply_chat_template`, for which the templates are written.)
"""

from __future__ import annotations

import json
import resource
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from jinja2 import TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .engine import ChatTemplateError

MEMORY = 512 << 20
"""Bytes a template may take."""


def around(template: str | None, bos: str, eos: str) -> list[str]:
    """The texts that a template puts before, between and after the places where it writes the person's message.

    At least two. They end where the model's answer begins. `bos` and `eos` are the names of these tokens.
    Raises `ChatTemplateError` in a sentence.
    """
    if not template:
        raise ChatTemplateError("This model has no chat template. Start it without --chat.")
    message = f"message-{secrets.token_hex(16)}"
    with _memory_limited():
        text = _render(template, message, bos, eos)
    if message not in text:
        raise ChatTemplateError("The model's chat template leaves the message out. Start it without --chat.")
    return text.split(message)


def _render(template: str, message: str, bos: str, eos: str) -> str:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = lambda value, indent=None: json.dumps(value, ensure_ascii=False, indent=indent)
    environment.globals |= {"raise_exception": _refuse, "strftime_now": lambda form: datetime.now().strftime(form)}
    try:
        return environment.from_string(template).render(
            messages=[{"role": "user", "content": message}],
            add_generation_prompt=True,
            bos_token=bos,
            eos_token=eos,
        )
    except TemplateSyntaxError as error:
        raise ChatTemplateError(
            f"The model's chat template has a syntax error in line {error.lineno}: {error.message}"
        ) from None
    except MemoryError:
        raise ChatTemplateError(f"The model's chat template takes more than {MEMORY >> 20} MB of memory.") from None
    except Exception as error:  # a template can raise anything that Python can
        raise ChatTemplateError(f"The model's chat template failed: {error or type(error).__name__}") from None


def _refuse(reason: object) -> NoReturn:
    """What templates call when they do not like a conversation."""
    raise TemplateError(str(reason))


@contextmanager
def _memory_limited() -> Iterator[None]:
    """Let this process grow by `MEMORY` at most, where its size can be known (Linux)."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        pages = 0
    if pages:
        limit = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
