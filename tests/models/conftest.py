"""Models in processes of their own. A file that needs models in its own process has fixtures of the same names."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tempviz.models.state import Settings
from tempviz.models.toy import ToyModel
from tempviz.models.worker import RemoteModel
from threaded import DEFAULT, Threaded


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


@pytest.fixture
def threaded() -> Iterator[Callable[..., Threaded]]:
    opened: list[Threaded] = []

    def make(*toys: ToyModel, settings: Settings = DEFAULT) -> Threaded:
        opened.append(Threaded(*toys, settings=settings))
        return opened[-1]

    yield make
    for one in opened:
        one.session.close()
        one.thread.join(5)
