"""What an answer's id proves."""

from reconciler.apply.fresh_answers import FreshAnswers
from reconciler.model import Created, NotSent, Unknown
from reconciler.partner.methods import CREATE_INSTANCE
from tests.apply.parts import ScriptedPartner, created
from tests.values import desired


def test_an_id_that_was_known_or_answered_before_proves_no_create() -> None:
    answers = {"a": [created(1)], "b": [created(2)], "c": [created(2)]}
    api = FreshAnswers(ScriptedPartner(answers), known=frozenset({1}))

    known, new, again = [api.send(CREATE_INSTANCE, desired(name)) for name in "abc"]

    assert known == Unknown("the answer names 1, an instance that was there before")
    assert isinstance(new, Created)
    assert again == Unknown("the answer names 2, an instance that was there before")


def test_other_answers_are_handed_on() -> None:
    api = FreshAnswers(ScriptedPartner({"a": [NotSent("refused")]}), known=frozenset())

    assert api.send(CREATE_INSTANCE, desired("a")) == NotSent("refused")
    assert api.url == "https://api.example.com"
    assert api.account().instances == ()
