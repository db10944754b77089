import pytest

from reconciler.model import Created, NotSent, Outcome, Rejected, Unknown
from reconciler.report.run_text import reason, run_text
from reconciler.secrets import Secret
from tests.report import samples as world


def lines(*fates: tuple[str, Outcome], width: int = 0, **changes: object) -> list[str]:
    report = world.report(*fates, plan=world.quiet_plan(), **changes)
    return run_text(report, color=False, width=width).splitlines()


@pytest.mark.parametrize(
    ("fate", "words"),
    [
        (Created(1, Secret(world.TOKEN)), ""),
        (Rejected(400, "bad"), "code 400: bad"),
        (Rejected(None, "bad"), "bad"),
        (Rejected(400, "400 Bad Request"), "400 Bad Request"),
        (NotSent("no\nway"), "no\\x0away"),
        (Unknown("lost", world.SINCE), "lost"),
    ],
)
def test_a_fate_has_a_reason_in_words(fate: Outcome, words: str) -> None:
    assert reason(fate) == words


def test_the_number_created_is_the_first_thing_said() -> None:
    assert lines(("a", Created(1, Secret(world.TOKEN))))[0] == "1 instance created"


def test_each_candidate_has_its_command() -> None:
    fate = Unknown("lost", world.SINCE, (world.row(11, "a"), world.row(12, "b")))

    said = [line.strip() for line in lines(("a", fate))]

    assert "11  created 2026-11-22T10:06:00" in said
    assert '12  created 2026-11-22T10:06:00  named "b"' in said
    assert "reconciler resolve a --id 11" in said
    assert "reconciler resolve a --id 12" in said
    assert "reconciler resolve a --not-created" in said


def test_a_thousand_failures_are_grouped_by_their_reasons() -> None:
    fates: list[tuple[str, Outcome]] = [
        (f"desk-{i}", NotSent("name not known" if i % 10 else "connection refused"))
        for i in range(1000)
    ]

    said = lines(*fates)

    assert "  x not sent    100 entries  connection refused" in said
    assert "  x not sent    900 entries  name not known" in said
    assert len(said) < 12


def test_a_thousand_creates_are_abbreviated() -> None:
    said = lines(*((f"desk-{i}", Created(i, Secret(world.TOKEN))) for i in range(1000)))

    assert said[-1] == "    ... and 950 more created (--report FILE lists all)"


def test_a_refused_token_is_said_once_and_not_blamed_on_the_entries() -> None:
    said = lines(("a", Rejected(401, "Unauthorized")), token_refused=True)

    assert "The partner API refused the token: check it, then run again." in said
    assert not [line for line in said if line.startswith("Rejected")]
