"""Names of tokens."""

import pytest
from tempviz.models.vocabulary import Vocabulary
from tempviz.tui.labels import spoken


@pytest.mark.parametrize(
    ("piece", "said"),
    [
        (b" Paris", "␣Paris"),
        (b",", "“,”"),
        (b" (", "“␣(”"),
        (b"\n", "⏎"),
        (b"", "⟨⟩"),
        (b"\xe6", "⟨E6⟩"),
        ("日".encode(), "日"),
    ],
)
def test_a_token_in_a_sentence_is_not_taken_for_a_part_of_it(piece: bytes, said: str):
    assert spoken(Vocabulary.of([piece]), 0) == said
