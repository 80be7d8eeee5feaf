"""The lab as a model: its one row of logits comes after every text."""

from __future__ import annotations

from dataclasses import replace

from .engine import Logits, Path, Progress
from .lab import Lab
from .toy import ToyModel
from .vocabulary import Vocabulary


class LabModel(ToyModel):
    """A toy whose texts begin with nothing: with a token that has no bytes, no logit, and so is no candidate."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab.logits, lab.names)
        self.start = len(lab.names)
        self.info = replace(
            self.info,
            path=lab.path,
            name="lab",
            description="logits by hand, no model",
            n_vocab=self.start + 1,
            bos=self.start,
            vocabulary=LabVocabulary.of(lab.pieces),
        )

    def tokenize(self, text: str) -> tuple[int, ...]:
        """The beginning; the lab has no prompt, so nothing else is ever asked for."""
        return (self.start,)

    def logits_after(self, path: Path, progress: Progress | None = None) -> Logits:
        """The same row after every path; what was asked is not kept."""
        row = super().logits_after(path)
        self.calls.clear()
        return row


class LabVocabulary(Vocabulary):
    """The names, and one id more, for the beginning of a text: it has no bytes, and is not counted."""

    def piece(self, token: int) -> bytes:
        return b"" if token == len(self) else super().piece(token)
