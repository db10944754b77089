"""The notes of a release are its section of the changelog."""

from docs.release import lacking, notes

CHANGELOG = """\
# Changelog

## [Unreleased]

## [0.2.0] - 2026-12-01

### Added

- A thing.

## [0.1.0] - 2026-11-01

- The first.
"""


def test_the_notes_are_the_section_of_the_version() -> None:
    assert notes(CHANGELOG, "0.2.0") == "### Added\n\n- A thing."
    assert notes(CHANGELOG, "0.1.0") == "- The first."


def test_an_empty_or_missing_section_has_no_notes() -> None:
    assert notes(CHANGELOG, "Unreleased") == ""
    assert notes(CHANGELOG, "0.3.0") == ""


def test_a_section_without_its_date_is_no_release() -> None:
    assert notes(CHANGELOG.replace(" - 2026-12-01", ""), "0.2.0") == ""


def test_a_copy_that_is_published_nowhere_is_not_released() -> None:
    assert any("setup.cfg still names your-org" in line for line in lacking())
