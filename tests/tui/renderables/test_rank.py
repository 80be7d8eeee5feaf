"""Probability against rank as text: both scales, the counts, the ghost."""

from tempviz.tui.renderables.rank import rank
from tempviz.tui.temperature_views import rank_view

from ..greetings import drawn, greetings


def test_a_low_one() -> None:
    assert drawn("Rank", greetings(2.0, 2), 58, 7) == [
        " ━ p, T 2.00   ┅ ● cumulative (right)   ┅ T 1   ◆ rank 2  ",
        " Tokens for 50 %: 1 · 90 %: 5 · 99 %: 6                   ",
        " 100 % ⠓⠒⠒⠒⠒⠒⠦⠤⠤⠤⢤⠤⡤⢤⠤⣄⣀◆⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣄⣠⣀⣄⣐⣀●⣐⣀⣁● 100 %",
        "       ●⢀ ⡀⠠ ⠄⠠ ⠄⠠ ⠄⠠ ⠃⠘ ⠃⠘ ⠃⠈ ⠁⠘ ⠃⠐ ⠂⠐ ⠂⠐ ⠂⠐ ⠂⠐ ⠂⠐       ",
        "                                                     50 % ",
        "0.01 %                                               0 %  ",
        "       rank 1           2                      5          ",
    ]


def test_a_high_one_has_titles() -> None:
    assert drawn("Rank", greetings(1.0, 2), 76, 14) == [
        " ━ p, T 1.00   ┅ ● cumulative (right)   ◆ Namaste, rank 2                   ",
        " Tokens for 50 %: 1 · 90 %: 2 · 99 %: 6                                     ",
        "probability                                                       cumulative",
        " 100 % ⠑⠒⠒⠤⠤⠤⣀⣀⡀          ⢀ ⡀⢀ ●⢀ ⡀⢀ ⡀⢀ ⠄⠠ ⠄⠠ ⠄⠠ ⠄⠠ ⠂⠐ ⠂⠐ ⠂⠐ ⠂⠐ ⠁⠈ ⠁⠈● 100 %",
        "       ●⠐ ⠁⠈ ⠁⠈⠈⠉⠉⠒⠓⠚⠤⠥⢌⣀⣁                                                  ",
        "                          ⠉⠉⠑⠒⠒◆⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⢄⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⡀                 ",
        "   1 %                                                    ⠈⠉⠉⠉⠉⠉⠉⠉⠉⠉⠒⠒      ",
        "                                                                       50 % ",
        "                                                                            ",
        "                                                                            ",
        "0.01 %                                                                      ",
        "                                                                       0 %  ",
        "       1                       2                               5            ",
        "                                    rank                                    ",
    ]


def test_a_wide_one_says_the_counts_in_a_sentence_with_those_at_one() -> None:
    counts = drawn("Rank", greetings(2.0), 110, 10)[1]
    assert counts.rstrip() == " The best 1 make 50 %, 5 make 90 %, 6 make 99 %   at T 1: 1 · 2 · 6"


def test_at_zero_the_best_token_is_all_there_is() -> None:
    rows = rank(rank_view(greetings(0.0)), 58, 9)
    assert "".join(text for text, _ in rows[1]).rstrip() == " Tokens for 50 %: 1 · 90 %: 1 · 99 %: 1"
    assert sum(len(text) for row in rows[2:] for text, role in row if role == "point") == 1


def test_a_very_low_one_is_text_only() -> None:
    assert drawn("Rank", greetings(1.0), 58, 2) == [
        " Tokens for 50 %: 1 · 90 %: 2 · 99 %: 6                   ",
        " ━ p, T 1.00   ┅ ● cumulative (right)   ◆ rank 1          ",
    ]


def test_with_three_rows_there_is_the_shape_below_the_counts() -> None:
    counts, *shape = drawn("Rank", greetings(1.0), 58, 3)
    assert counts.startswith(" Tokens for 50 %: 1")
    assert len(shape) == 2 and shape[0].startswith("◆") and all(len(row) == 58 for row in shape)
