import time

from reconciler.model import Desired, Digest, Place
from reconciler.secrets import Secret
from reconciler.state.digest import digest, kept

LINEAGE = "0b6c1f2e-0000-4000-8000-000000000000"


def test_a_digest_is_written_as_a_keyed_hash() -> None:
    found = digest("key", "webhookUrlToken", "value")

    assert found == Digest(
        "hmac-sha256:6cba41bd00789ae753cc8f4049bf238b64a42c2681a06b116d1dc32760384291"
    )


def test_equal_values_have_equal_digests_only_under_one_name_in_one_state() -> None:
    here = digest(LINEAGE, "webhookUrlToken", "value")

    assert digest(LINEAGE, "webhookUrlToken", "value") == here
    assert digest("another", "webhookUrlToken", "value") != here
    assert digest(LINEAGE, "name", "value") != here


def test_values_of_different_types_differ() -> None:
    values = ("1", 1, True, "true", "", 0, False)

    assert len({digest(LINEAGE, "p", value) for value in values}) == len(values)


def test_name_and_value_cannot_run_into_each_other() -> None:
    assert digest(LINEAGE, 'a":"b', "c") != digest(LINEAGE, "a", 'b":"c')


def test_half_a_surrogate_pair_has_a_digest() -> None:
    assert digest(LINEAGE, "p", "\ud800") != digest(LINEAGE, "p", "\ud801")


def test_only_secret_parameters_are_digested_and_the_order_stays() -> None:
    desired = Desired(
        key="support-eu",
        name="Support",
        parameters={"webhookUrlToken": Secret("s3cret"), "incomingWebhook": "yes"},
        place=Place("instances.yaml", 1, 1),
    )

    found = kept(desired, LINEAGE)

    assert found == {
        "webhookUrlToken": digest(LINEAGE, "webhookUrlToken", "s3cret"),
        "incomingWebhook": "yes",
    }
    assert list(found) == ["webhookUrlToken", "incomingWebhook"]


def test_ten_thousand_digests_take_a_fraction_of_a_second() -> None:
    began = time.process_time()

    for number in range(10_000):
        digest(LINEAGE, "webhookUrlToken", f"Bearer {number}")

    assert time.process_time() - began < 0.5


def test_a_secret_number_has_the_digest_of_the_number() -> None:
    parameters = {"autoTyping": Secret(3), "webhookUrlToken": Secret("3")}
    desired = Desired("support-eu", "Support", parameters, Place("instances.yaml", 1, 1))

    found = kept(desired, LINEAGE)

    assert found["autoTyping"] == digest(LINEAGE, "autoTyping", 3)
    assert found["webhookUrlToken"] == digest(LINEAGE, "webhookUrlToken", "3")
