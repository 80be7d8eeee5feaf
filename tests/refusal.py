"""The sentence with which a model is refused."""

from __future__ import annotations

import os

import pytest
from tempviz.models.engine import ModelRefused
from tempviz.models.file_check import check_model


def refusal(path: os.PathLike | str, n_ctx: int | None = None) -> str:
    """The sentence with which `check_model` refuses a file; it must name the file and end like one."""
    with pytest.raises(ModelRefused) as caught:
        check_model(path, n_ctx)
    sentence = str(caught.value)
    assert str(path) in sentence
    assert sentence.endswith((".", "?"))
    return sentence
