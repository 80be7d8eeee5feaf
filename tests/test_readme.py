"""What the README says of the keys is what the app has."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_key_table_is_the_apps() -> None:
    table = runpy.run_path(str(ROOT / "docs" / "__main__.py"))["key_table"]()
    assert table in (ROOT / "README.md").read_text("utf-8"), "run: python -m docs"
