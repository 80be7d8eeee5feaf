"""The curve e^(x/T) as text: its axes, its ghost, and the candidates on it."""

from tempviz.tui.renderables.curve import curve
from tempviz.tui.temperature_views import curve_view

from ..greetings import drawn, greetings


def test_at_two_the_curve_is_flatter_than_its_ghost() -> None:
    assert drawn("Curve", greetings(2.0, 2), 58, 7) == [
        " ━ e^(x/T), T 2.00   ┅ e^x   ◆ Namaste: x −3.00 → 0.223   ",
        "1.0                                                 ⣀⣠⠤⢴⠲●",
        "                                            ⣀⣀⡠⠤⠴⠒⠊⡉⠅⠂⠁  ⢈",
        "0.5                              ⣀⣀⣀⡠⠤⠤⠖⠒⠒⠉⠉⠁ ⡀⠠ ⠂⠁      ⠠",
        "            ⢀⣀⣀⣀⣀◆⣀⡠⠤⠤⠤⠤⠔⠒⠒⠒⠒⠉⠉⠉⠉  ⡀⢀ ⡀⠄⠠ ⠂⠈ ⠁           ⠐",
        "0.0 ●●⠉⡉⢉⠉●⠩●⠄⠠ ⠄⢸ ⠄⠠ ⠄⠠⠐ ⠂⠐ ⠂⠈ ⠁⠈                       ⢈",
        "    −4 logits    −3           −2           −1            0",
    ]


def test_at_zero_only_the_greatest_logit_has_a_height() -> None:
    assert drawn("Curve", greetings(0.0), 60, 12) == [
        " ━ e^(x/T), T 0.00   ┅ e^x   ◆ Hello: x 0.00 → 1            ",
        "e^(x/T)                                                     ",
        "1.0                                                       ⡀◆",
        "                                                        ⡀⠐ ⢸",
        "                                                     ⡀⠠⠁   ⢸",
        "                                                  ⡀⠠⠐      ⢸",
        "0.5                                           ⢀ ⠄⠂         ⢸",
        "                                        ⢀ ⠄⠐ ⠁             ⢸",
        "                             ⢀ ⡀⢀ ⠄⠠⠐ ⠂⠁                   ⢸",
        "0.0 ●●⣀⣄⣠⣀⣄●●⣄⣠⣀⣄⣐●⣂⣐⣀⣂⣐⣀⣁⣈⣀⣁⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣸",
        "    −4           −3            −2            −1            0",
        "                   x: logit − greatest logit                ",
    ]


def test_at_one_there_is_no_ghost() -> None:
    rows = curve(curve_view(greetings(1.0)), 60, 9)
    assert not any(role == "ghost" for row in rows for _, role in row)
    assert "".join(text for text, _ in rows[0]) == " ━ e^(x/T), T 1.00   ◆ Hello: x 0.00 → 1        ● candidates"


def test_the_axis_has_one_zero_and_ends_at_it() -> None:
    for width in (40, 58, 76, 100):
        axis = drawn("Curve", greetings(1.4), width, 10)[-1]
        labels = axis.split()
        assert labels[-1] in ("0", "0.0")
        assert [label for label in labels if label in ("0", "0.0")] == labels[-1:]


def test_every_candidate_and_the_highlighted_one_have_a_mark() -> None:
    """Those of "Ni Hao" and "Konnichiwa", and of "Hola" and "Ciao", are a tenth of a logit apart: a wide chart."""
    text = "\n".join(drawn("Curve", greetings(2.0, 2), 200, 20)[1:])
    assert (text.count("●"), text.count("◆")) == (5, 1)


def test_a_small_one_is_only_the_legend() -> None:
    assert drawn("Curve", greetings(2.0), 40, 1) == [" ━ e^(x/T), T 2.00   ┅ e^x              "]
    assert drawn("Curve", greetings(2.0), 40, 0) == []
