from reconciler.report.gitlab import section_end, section_start


def test_a_section_begins_and_ends_with_the_marks_that_gitlab_documents() -> None:
    start = section_start("my section!", "My title", at=1560896352, collapsed=True)

    assert start == ("\x1b[0Ksection_start:1560896352:my_section_[collapsed=true]\r\x1b[0KMy title")
    assert section_end("my section!", at=1560896353) == (
        "\x1b[0Ksection_end:1560896353:my_section_\r\x1b[0K"
    )
