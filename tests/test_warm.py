"""The process that has the program's imports made: whose it is."""

import multiprocessing

from tests.command import run


def test_a_process_that_a_test_forks_leaves_the_warm_one_alone() -> None:
    """Python 3.13 lets go of all that the parent wanted done at its end."""
    assert run("--version").code == 0

    child = multiprocessing.get_context("fork").Process(target=str)
    child.start()
    child.join()

    assert run("--version").code == 0
