"""The mutator makes each small mistake once, and names it by what it changes."""

from tests.mutation.mutator import mutants

SOURCE = '''
if TYPE_CHECKING:
    from doors import Door

class Guard:
    """Holds a cap."""

    def holds(self, count: int) -> bool:
        if count > 3 and not self.open:
            self.log.info("closed")
            self.close()
        return True
'''
CHANGES = [
    "Guard.holds: count > 3 and (not self.open) -> count > 3 or not self.open",
    "Guard.holds: if count > 3 and (not self.open): -> if not (count > 3 and (not self.open)):",
    "Guard.holds: count > 3 -> count >= 3",
    "Guard.holds: 3 -> 4",
    "Guard.holds: not self.open -> self.open",
    "Guard.holds: self.close() -> pass",
    "Guard.holds: True -> False",
]


def test_every_mistake_is_made_and_named() -> None:
    assert sorted(mutant.change for mutant in mutants(SOURCE)) == sorted(CHANGES)


def test_a_mutant_is_a_program_with_one_mistake() -> None:
    [kept] = [mutant for mutant in mutants(SOURCE) if mutant.change.endswith("-> pass")]

    assert "self.close()" not in kept.source
    assert "count > 3 and (not self.open)" in kept.source
