"""Which rule a request gets."""

import pytest

from reconciler.sandbox.answers import Close, Reset
from reconciler.sandbox.rules import UNTOUCHED, Match, On, Rule, Twist
from reconciler.sandbox.script import Script, Use


def test_without_rules_everything_works() -> None:
    assert _script().take(On.CREATE, "a") is UNTOUCHED


@pytest.mark.parametrize(
    ("match", "taken"),
    [
        (Match(On.CREATE), "X....."),
        (Match(On.CREATE, times=2), "XX...."),
        (Match(On.CREATE, times=None), "XXXXXX"),
        (Match(On.CREATE, nth=3), "..X..."),
        (Match(On.CREATE, every=2, times=None), ".X.X.X"),
        (Match(On.CREATE, every=2, times=2), ".X.X.."),
        (Match(On.CREATE, probability=1.0, times=None), "XXXXXX"),
        (Match(On.CREATE, probability=0.0, times=None), "......"),
        (Match(On.ANY), "X....."),
        (Match(On.LIST, times=None), "......"),
    ],
    ids=repr,
)
def test_counts_say_which_requests_a_rule_takes(match: Match, taken: str) -> None:
    script = _script(Rule(match, Close()))

    rules = [script.take(On.CREATE, "a") for _ in taken]

    assert "".join("." if rule is UNTOUCHED else "X" for rule in rules) == taken


@pytest.mark.parametrize(
    ("glob", "name", "fits"),
    [
        ("*", "anything at all", True),
        ("*", "", True),
        ("sales-*", "sales-uk", True),
        ("sales-*", "support-eu", False),
        ("sales-uk", "sales-uk", True),
        ("sales-uk", "Sales-UK", False),
    ],
)
def test_a_name_is_a_glob_that_minds_case(glob: str, name: str, fits: bool) -> None:
    script = _script(Rule(Match(On.CREATE, name=glob), Close()))

    assert (script.take(On.CREATE, name) is not UNTOUCHED) is fits


def test_the_first_rule_that_applies_decides() -> None:
    close, reset = Rule(Match(On.CREATE), Close()), Rule(Match(On.CREATE), Reset())
    script = _script(close, reset)

    assert [script.take(On.CREATE, "a") for _ in range(3)] == [close, reset, UNTOUCHED]


def test_a_rule_counts_what_an_earlier_one_took() -> None:
    first, second = Rule(Match(On.CREATE, nth=1), Close()), Rule(Match(On.CREATE, nth=2), Reset())
    script = _script(first, second)

    assert [script.take(On.CREATE, "a") for _ in range(3)] == [first, second, UNTOUCHED]


def test_a_rule_can_count_each_name_on_its_own() -> None:
    rule = Rule(Match(On.CREATE, per_name=True), Close())
    script = _script(rule)

    taken = [script.take(On.CREATE, name) for name in ("a", "b", "a", "b")]

    assert taken == [rule, rule, UNTOUCHED, UNTOUCHED]


def test_a_script_tells_how_often_each_rule_was_used() -> None:
    script = _script(Rule(Match(On.CREATE, per_name=True), Close()), Rule(Match(On.LIST), Close()))

    for name in ("a", "b", "a"):
        script.take(On.CREATE, name)

    assert script.uses() == (Use(seen=3, applied=2), Use(seen=0, applied=0))


def test_the_same_seed_throws_the_same_dice() -> None:
    rule = Rule(Match(On.CREATE, probability=0.5, times=None), Close())

    first, again, other = (_taken(rule, seed) for seed in ("one", "one", "two"))

    assert first == again
    assert first != other


def test_a_probability_is_met_about_as_often_as_it_says() -> None:
    rule = Rule(Match(On.CREATE, probability=0.1, times=None), Close())

    taken = _taken(rule, "one")

    assert 60 < taken.count(rule) < 140


@pytest.mark.parametrize(
    ("twist", "stored"),
    [
        (Twist(), "  sales uk "),
        (Twist(trim_name=True), "sales uk"),
        (Twist(cut_name=4), "  sa"),
        (Twist(trim_name=True, cut_name=5), "sales"),
        (Twist(new_name="other"), "other"),
    ],
    ids=repr,
)
def test_a_twist_changes_the_name_that_is_stored(twist: Twist, stored: str) -> None:
    assert twist.name("  sales uk ") == stored


def _script(*rules: Rule) -> Script:
    return Script(rules, seed="seed")


def _taken(rule: Rule, seed: str) -> list[Rule]:
    script = Script([rule], seed=seed)
    return [script.take(On.CREATE, "a") for _ in range(1000)]
