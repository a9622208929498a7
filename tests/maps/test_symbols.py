"""The symbols say kind, risk, condition and lateness by shape, so that grey paper says it too."""

import pytest

from app.maps.symbols import shapes, symbol

KINDS = ["slide", "flood", "drowning", "signboard", "temporary_measure", "proposal"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_an_outline_of_its_own(kind):
    others = {shapes()["kinds"][other]["outline"] for other in KINDS if other != kind}

    assert shapes()["kinds"][kind]["outline"] in symbol(kind)
    assert shapes()["kinds"][kind]["outline"] not in others


def test_danger_is_a_ring_and_an_octagon_and_worse_is_neither():
    danger, worse, same = (symbol("slide", condition=word) for word in ("danger", "worse", "no_change"))

    assert ("s-ring" in danger, "s-danger" in danger, "s-worse" in danger) == (True, True, False)
    assert ("s-ring" in worse, "s-danger" in worse, "s-worse" in worse) == (False, False, True)
    assert not {"s-ring", "s-danger", "s-worse"} & set(same.replace('"', " ").split())


@pytest.mark.parametrize(("risk", "reached"), [("low", 1), ("medium", 2), ("high", 3), ("very_high", 4)])
def test_as_many_notches_are_reached_as_the_risk_says(risk, reached):
    drawn = symbol("flood", risk)

    assert drawn.count(f"s-notch f{reached}") == reached
    assert drawn.count("s-notch f0") == 4 - reached


def test_a_site_that_nobody_rated_has_dotted_notches_and_a_board_has_none():
    assert symbol("slide").count("s-notch dotted") == 4
    assert "s-notch" not in symbol("signboard", "high")


def test_the_clock_stands_only_on_what_is_due():
    assert "s-clock" in symbol("drowning", late=True)
    assert "s-clock" not in symbol("drowning")


def test_a_symbol_is_hidden_from_screen_readers_and_styles_nothing_inline():
    drawn = symbol("slide", "high", "danger", late=True)

    assert 'aria-hidden="true"' in drawn
    assert "style=" not in drawn


def test_an_unknown_kind_is_refused():
    with pytest.raises(KeyError):
        symbol("volcano")
