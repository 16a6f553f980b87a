"""The runs of `make test`: no test stands outside of them."""

from local.test_runs import CHASSIS, PLAIN, PLATFORM

from tests.house.tree import CLONE


def test_every_test_belongs_to_one_run() -> None:
    run = [folder for one in (PLAIN, CHASSIS, PLATFORM) for folder in one.folders]
    assert len(run) == len(set(run))
    there = {str(path.relative_to(CLONE).parent) for path in (CLONE / "tests").glob("*/test_*.py")}
    assert there == set(run)


def test_the_processes_of_a_run_share_its_files() -> None:
    shares = CHASSIS.shares([])
    assert len(shares) == CHASSIS.abreast
    given = [file for share in shares for file in share]
    assert sorted(given) == sorted(str(file.relative_to(CLONE)) for file in (CLONE / "tests/chassis").glob("test_*.py"))
    assert CHASSIS.shares(["tests/chassis/test_wire.py"]) == [["tests/chassis/test_wire.py"]]
    assert CHASSIS.shares(["tests/sites"]) == []
