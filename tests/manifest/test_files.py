"""Which files the command line means; unreadable ones are problems, not exceptions."""

import os
from pathlib import Path

import pytest

from reconciler.manifest.files import find, load_source
from reconciler.manifest.problems import Problem
from reconciler.manifest.source import Source
from tests.closed import closed_folder


def test_files_keep_their_order_and_folders_theirs(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    names = ["folder/b.yaml", "folder/a.yml", "folder/c.json", "z.txt"]
    for name in names:
        (tmp_path / name).touch()

    files, problems = find([tmp_path / "z.txt", tmp_path / "folder"])

    assert [file.name for file in files] == ["z.txt", "a.yml", "b.yaml"]
    assert problems == []


def test_the_same_file_by_another_way_is_one(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").touch()
    (tmp_path / "link.yaml").symlink_to(tmp_path / "a.yaml")

    files, _ = find([tmp_path / "a.yaml", tmp_path / "x" / ".." / "a.yaml", tmp_path / "link.yaml"])

    assert files == [tmp_path / "a.yaml"]


def test_a_pipe_can_be_read(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"version: 1\n")
    os.close(writing)

    source = load_source(Path(f"/dev/fd/{reading}"))

    os.close(reading)
    assert isinstance(source, Source)
    assert source.text == "version: 1\n"


@pytest.mark.parametrize("name", ["nowhere.yaml", "folder", "a/b.yaml", "x" * 300])
def test_what_can_not_be_read_is_a_problem(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a").touch()

    problem = load_source(tmp_path / name)

    assert isinstance(problem, Problem)
    assert problem.rule == "no-manifest"


def test_a_dangling_link_in_a_folder_is_no_reason_to_forget_its_entries(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").touch()
    (tmp_path / "b.yaml").symlink_to(tmp_path / "gone")
    (tmp_path / "c.yaml").mkdir()

    files, _ = find([tmp_path])

    assert [file.name for file in files] == ["a.yaml", "b.yaml"]


def test_a_folder_that_may_not_be_read_is_a_problem() -> None:
    with closed_folder() as closed:
        files, problems = find([closed, closed / "a.yaml"])
        problem = load_source(files[0])

    assert files == [closed / "a.yaml"]
    assert [problem.message for problem in problems] == [
        "can't read the folder: permission denied",
    ]
    assert isinstance(problem, Problem)
    assert problem.message == "can't read the file: permission denied"
