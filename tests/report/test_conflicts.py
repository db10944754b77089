from reconciler.plan import Conflict
from reconciler.report.conflicts import conflict_text, owners_in
from tests.report import samples as world


def text(*conflicts: Conflict, owners: dict[int, str] | None = None) -> list[str]:
    said = conflict_text(conflicts, color=False, width=0, owners=owners, options=["-s", "x"])
    return said.splitlines()


def conflict(key: str, *ids: int) -> Conflict:
    return Conflict(world.desired(key), tuple(world.row(number, key) for number in ids))


def test_a_single_candidate_can_be_adopted_by_its_key() -> None:
    lines = text(conflict("a", 1))

    assert "        1  created 2026-11-22T10:06:00" in lines
    assert "  reconciler adopt a -s x" in lines


def test_many_single_candidates_can_be_adopted_at_once() -> None:
    lines = text(*(conflict(f"k{number}", number) for number in range(1, 9)))

    assert "  reconciler adopt --all -s x" in lines


def test_of_several_candidates_a_person_chooses() -> None:
    lines = text(conflict("a", 1, 2))

    assert "  reconciler adopt a --id ID -s x" in lines
    assert "  reconciler adopt a -s x" not in lines


def test_a_candidate_that_another_entry_records_is_not_offered() -> None:
    lines = text(conflict("a", 1), owners={1: "b"})

    assert "        1  created 2026-11-22T10:06:00  recorded as b" in lines
    assert not [line for line in lines if "adopt" in line]


def test_a_name_held_by_an_unresolved_create_is_told() -> None:
    lines = text(Conflict(world.desired("a"), (), held_by="b"))

    assert "  ! conflict    a  the unresolved create of b has its name" in lines
    assert not [line for line in lines if "adopt" in line]


def test_a_plan_tells_who_records_which_id() -> None:
    assert owners_in(world.mixed_plan()) == {
        1101728002: "sales-fr",
        1101728003: "sales-it",
        1101728004: "old-desk",
        1101728005: "sales-es",
    }
