"""Keys and names that are taken twice, or that nobody can tell apart."""

from pathlib import Path

import pytest

from reconciler.manifest import load
from reconciler.manifest.problems import Problem


def problems(folder: Path, *keys: str) -> tuple[Problem, ...]:
    rows = [f"  {key}: {{autoTyping: 1}}" for key in keys]
    path = folder / "a.yaml"
    path.write_text("\n".join(["version: 1", "instances:", *rows]), encoding="utf-8")
    return load([path], env={}).problems


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("shop", "SHOP"),
        ("shop-1", "shop-l"),
        ("shop-0", "shop-O"),
        ("shop-I", "shop-l"),
        ("shop_a", "shop-a"),
        ("shop.a", "shop_a"),
        ("a0", "aO"),
    ],
)
def test_keys_that_look_alike_are_warned_of(tmp_path: Path, one: str, other: str) -> None:
    [problem] = problems(tmp_path, one, "office", other)

    assert (problem.rule, problem.subject) == ("similar-key", other)
    assert problem.place.line == 5
    assert [place.line for place in problem.also] == [3]


@pytest.mark.parametrize(
    ("one", "other"),
    [("shop-1", "shop-2"), ("shop-10", "shop-11"), ("mail", "mall"), ("a-b", "ab"), ("i", "l")],
)
def test_keys_that_can_be_told_apart_are_not(tmp_path: Path, one: str, other: str) -> None:
    assert problems(tmp_path, one, other) == ()


def test_a_thousand_numbered_keys_can_be_told_apart(tmp_path: Path) -> None:
    assert problems(tmp_path, *(f"shop-{n:04d}" for n in range(1000))) == ()


def test_a_key_that_is_taken_twice_is_not_told_again_as_a_name(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("version: 1\ninstances: {shop: {autoTyping: 1}}\n")
    path = tmp_path / "a.yaml"
    path.write_text("version: 1\ninstances: {shop: {autoTyping: 1}}\n", encoding="utf-8")

    found = load([tmp_path], env={}).problems

    assert [problem.rule for problem in found] == ["duplicate-entry"]
