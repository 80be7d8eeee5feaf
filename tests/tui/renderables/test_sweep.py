"""Probabilities against the temperature as text: lines with the rank of their token, both scales, what is said."""

import numpy as np
from tempviz.tui.renderables.sweep import sweep
from tempviz.tui.temperature_views import sweep_view

from ..greetings import drawn, greetings, state_of


def test_a_low_one_draws_the_lines_that_it_can_name() -> None:
    assert drawn("Sweep", greetings(2.0, 2), 58, 7) == [
        " ┆ T 2.00   ◆ Namaste   ┅  2.06 bits   1 Hello   3 Ciao   ",
        " ◆ peak 15.86 % at T 5 (end)   ≥1% 0.66–5   ≥10% 1.62–5   ",
        "100 % ⠉1⠉⠉⠉⠉⠓⠒⠦⢤⣀⡀     ⢀⡁⡀⠄⠠ ⠄⠠ ⠂⠐ ⠂⠐ ⠂⠐ ⠂⠐ ⠂⠐ ⠁⠈ ⠁ 2 bits",
        "                 ⢈⠉⠖⠲⠤⠥⣀⣄⣀                                ",
        " 50 %         ⡀⠄⠁       ⠂⠈⠉⠉⠉⠙⠒⠒⠒⠒⠒⠒⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⢄⣀⣀⣀       ",
        "  0 % ⣀⣀⣀⣀⣀⣀⣄⣂⣤⡤⠤⠤⠤⠤⠴⠶⠶⠶⡗⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒3⠒⠒◆⠒ 0 bits",
        "      T 0      1        2       3        4        5       ",
    ]


def test_a_high_one_has_titles_and_all_lines() -> None:
    assert drawn("Sweep", greetings(1.0), 76, 14) == [
        " ┆ T 1.00   ◆ Hello  86.81 %   ┅ entropy  0.86 bits   2 Namaste   4.32 %    ",
        " 3 Ciao   2.90 %   4 Hola   2.62 %   5 Ni␣Hao   1.76 %                      ",
        " Hello peaks at T 0, the left end, with 100 %   ≥1% T 0–5   ≥10% T 0–5      ",
        "probability                                                  entropy in bits",
        "100 % ⠉⠉◆⠉⠉⠉⠉⠉⠑⠒⠢⠤⣀⠐                      ⢀ ⡀⢀ ⡀⠠ ⠄⠠ ⠄⠠ ⠄⠠ ⠂⠐ ⠂⠐ ⠂⠐ ⠂⠐ ⠂⠐   ",
        "                   ⢉⠒⠤⢄⡀       ⡀⢀ ⠄⠐ ⠂⠈ ⠁⠈                                 2",
        " 75 %              ⠠   ⠈⠙⠒⠤⣄⡐ ⠁                                             ",
        "                   ⠐   ⡀⠐ ⠁ ⠈⠉⠒⠢⠤⢄⣀⣀                                        ",
        " 50 %              ⢈ ⠐              ⠉⠉⠑⠒⠒⠢⠤⠤⠤⢄⣀⣀⣀⣀⡀                         ",
        " 25 %              ⠤⠁                             ⠈⠉⠉⠉⠉⠉⠉⠒⠒⠒⠒⠒⠒⠒⠒⠒⠲⠤⠤⠤⠤⠤⠤⠤  ",
        "                ⠠ ⠁⠐           ⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣤⣤⣤⣤⣤⣤⣤⣤⣤⣤⣤⣤⣤⣤⣤2⣤⣤⣤3⣤⣤4⣤5⣤⣤  ",
        "  0 % ⣀⣀⣀⣀⣀⣀⣀⣄⣂⣈⣤⣤⣤⣬⠴⠶⠶⠶⠾⠿⠛⠛⠛⠛⠛⠛⠛⠛⠋⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠁                        0",
        "      0            1             2            3             4            5  ",
        "                                 temperature T                              ",
    ]


def test_the_scale_is_logarithmic_like_that_of_the_bars() -> None:
    assert drawn("Sweep", greetings(1.0, 3, "logarithmic"), 76, 10) == [
        " ┆ T 1.00   ◆ Ciao   2.90 %   ┅ entropy  0.86 bits   1 Hello   2 Namaste    ",
        " ◆ peak 14.64 % at T 5 (end)   ≥1% T 0.75–5   ≥10% T 2.04–5                 ",
        " 100 % ⠉⠉1⠉⠉⠉⠉⠉⠉⠉⠉⠉⢉⠉⠉⠓⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⢤⠤⡤⢤⠤⡤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠦⠴⠤⠦⠴⠤⠦⠴⠤⠦⠴⠤⠦⠴⠤⠦⠴       ",
        "                 ⣀⣠⣤⡤⠴⠶⠶⠒⠒⠒⠛⢛⠛⠟⠛⠉⠋⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉2⠉◆⠉⠉ 2 bits",
        "             ⢀⣴⠾⠛⠉⠁⠐    ⡀⠠ ⠁                                                ",
        " 0.1 %     ⢀⢔⠟⠁    ⢈ ⡀⠐                                                     ",
        "           ⣼⠁      ⠤⠂                                                       ",
        "          ⣼⠇    ⢀ ⠁⠐                                                        ",
        "10⁻⁴ % ⡀⢀⢀⡏⢀ ⡀⠄⠈   ⢈                                                  0 bits",
        "       T 0         1           2            3           4           5       ",
    ]


def test_a_temperature_beyond_the_end_is_said_not_drawn() -> None:
    rows = sweep(sweep_view(greetings(7.0, 3)), 60, 7)
    assert "".join(text for text, _ in rows[0]).startswith(" T 7.00 is farther right ")
    assert not any(role == "number" for row in rows[2:] for _, role in row)


def test_no_line_moves_with_the_temperature() -> None:
    before, after = sweep_view(greetings(1.0, 2)), sweep_view(greetings(1.5, 2))
    assert [line.points for line in before.lines] == [line.points for line in after.lines]
    assert (before.entropy, before.ranges, before.peak) == (after.entropy, after.ranges, after.peak)
    one, other = sweep(before, 76, 14), sweep(after, 76, 14)
    assert one[2] == other[2] and one[-2:] == other[-2:]
    assert one != other


def test_what_is_said_of_the_highlighted_token() -> None:
    assert drawn("Sweep", greetings(1.0, 2), 110, 14)[2].rstrip() == (
        " Namaste peaks at T 5, the right end, with 15.86 %   at least 1 %: T 0.66–5   at least 10 %: T 1.62–5"
    )
    three = state_of(np.array([0, 0.5, 3] + [-2] * 60, np.float32), 1.0, 2)
    assert drawn("Sweep", three, 110, 14)[2].rstrip() == (
        " ␣t1 peaks at T 1.22 with 5.83 %   at least 1 %: T 0.55–5   at least 10 %: never"
    )


def test_a_masked_token_is_said_to_be_one() -> None:
    masked = state_of(np.array([1, 2, -np.inf], np.float32), 1.0, 3)
    assert drawn("Sweep", masked, 60, 8)[1].rstrip() == " ␣t2 is masked: it has no probability at any T"


def test_with_three_rows_there_is_the_highlighted_line_below_what_is_said_of_it() -> None:
    said, *shape = drawn("Sweep", greetings(2.0, 2), 58, 3)
    assert said.startswith(" ◆ peak")
    assert len(shape) == 2 and "◆" in "".join(shape) and all(len(row) == 58 for row in shape)
