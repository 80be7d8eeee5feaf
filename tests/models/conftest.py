"""Models in processes of their own. A file that needs models in its own process has fixtures of the same names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tempviz.models.worker import RemoteModel


@pytest.fixture
def tiny(tiny_model: Path) -> Iterator[RemoteModel]:
    """A generated model of 280 KB."""
    model = RemoteModel.open(str(tiny_model), n_ctx=256, n_threads=1)
    yield model
    model.close()


@pytest.fixture
def demo(demo_model: Path) -> Iterator[RemoteModel]:
    """The packaged model."""
    model = RemoteModel.open(str(demo_model))
    yield model
    model.close()
