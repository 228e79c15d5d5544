"""What counts as a mutant, which tests are sent against it, and what becomes of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

pytest.importorskip("mutmut")

from tools.mutants.__main__ import EQUIVALENTS, ROOT
from tools.mutants.operators import mutants_of
from tools.mutants.reach import ImportGraph
from tools.mutants.trials import TrialCopy


def changes(tmp_path: Path, line: str) -> list[str]:
    """What becomes of a line inside a function."""
    (tmp_path / "module.py").write_text(f"def work(a, b):\n    {line}\n")
    return [mutant.diff[1][2:] for mutant in mutants_of(Path("module.py"), tmp_path)]


@pytest.mark.parametrize(
    ("line", "mutated"),
    [
        ("c = a < b", ["c = a <= b", "c = a >= b"]),
        ("c = a >= b", ["c = a > b", "c = a < b"]),
        ("c = a == b", ["c = a != b"]),
        ("c = a is b", ["c = a is not b"]),
        ("c = b + 1", ["c = b - 1", "c = b + 2", "c = b + 0"]),
        ("c = 0", ["c = 1", "c = -1"]),
        ("c = b and not a", ["c = b or not a", "c = b and a"]),
        ("c = True", ["c = False"]),
        ("c = min(b)", ["c = max(b)"]),
        ("c = math.ceil(b)", ["c = math.floor(b)"]),
        ("return a", ["return None"]),
        ("a += b", ["a -= b", "pass"]),
        ("a.append(b)", ["pass"]),
        ('raise ValueError(f"{a + 1}")', ["pass"]),
        ("if a: pass", ["if not a: pass"]),
        ("c = [d for d in b if d]", ["c = [d for d in b if not d]"]),
    ],
)
def test_every_kind_of_change(tmp_path: Path, line: str, mutated: list[str]) -> None:
    assert changes(tmp_path, line) == mutated


@pytest.mark.parametrize(
    "line",
    ['"""About 3 things."""', 'a = "3"', "a: Literal[3]", "import b", "return", "return None",
     'log.info("%d", a + 1)', "if TYPE_CHECKING: import b",
     "c = zip(a, b, strict=True)"],
)  # fmt: skip
def test_what_no_behaviour_hangs_on_is_left_alone(tmp_path: Path, line: str) -> None:
    assert changes(tmp_path, line) == []


def test_types_joined_outside_functions_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("Text = str | bytes\n\nLIMIT = 2\n")
    lines = [mutant.diff[1] for mutant in mutants_of(Path("module.py"), tmp_path)]
    assert lines == ["+ LIMIT = 3", "+ LIMIT = 1"]


def test_a_mutant_is_known_by_its_place_and_its_change_wherever_its_line_stands(
    tmp_path: Path,
) -> None:
    code = "class Clock:\n    def late(self, now):\n        return now > 5\n"
    (tmp_path / "clock.py").write_text(code)
    before = [mutant.key for mutant in mutants_of(Path("clock.py"), tmp_path)]
    (tmp_path / "clock.py").write_text("import os\n\n\n" + code)
    assert [mutant.key for mutant in mutants_of(Path("clock.py"), tmp_path)] == before
    difference = ("- return now > 5", "+ return now >= 5")
    assert ("clock.py", "Clock.late", difference) in before


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A module, one that uses it, and their tests."""
    files = {
        "plugins/shop/__init__.py": "",
        "plugins/shop/price.py": "def dear(usd):\n    return usd > 10\n",
        "plugins/shop/till.py": "from shop.price import dear\n",
        "plugins/shop/door.py": "",
        "tests/shop/test_price.py": (
            "from shop.price import dear\n\ndef test_dear():\n    assert dear(11) and not dear(9)\n"
        ),
        "tests/shop/test_basket.py": "from shop import price\n",
        "tests/shop/test_till.py": "import shop.till\n",
        "tests/shop/test_door.py": "from shop import door\n",
        "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["plugins"]\n',
    }
    for name, text in files.items():
        (tmp_path / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "project" / name).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path / "project", check=True)
    return tmp_path / "project"


def test_a_modules_own_test_runs_first_then_those_that_import_it(project: Path) -> None:
    files = [path.relative_to(project) for path in sorted(project.rglob("*.py"))]
    tests = [file for file in files if file.parts[0] == "tests"]
    reaching = ImportGraph(project, files).tests_of(Path("plugins/shop/price.py"), tests)
    assert [test.name for test in reaching] == ["test_price.py", "test_basket.py", "test_till.py"]


@pytest.mark.long
def test_a_mutant_lives_in_the_copy_only_and_dies_of_a_test(project: Path, tmp_path: Path) -> None:
    copy = TrialCopy(project, tmp_path / "copy")
    module, test = Path("plugins/shop/price.py"), Path("tests/shop/test_price.py")
    outcomes = {m.diff[1]: copy.outcome(m, [test]) for m in mutants_of(module, project)}
    assert outcomes == {
        "+ return usd >= 10": "survived",
        "+ return usd <= 10": "killed",
        "+ return usd > 11": "killed",
        "+ return usd > 9": "survived",
        "+ return None": "killed",
    }
    assert copy.outcome(mutants_of(module, project)[0], []) == "untested"
    assert (project / module).read_text() == (tmp_path / "copy" / module).read_text()


def test_tests_that_fail_by_themselves_are_no_measure(project: Path, tmp_path: Path) -> None:
    broken = project / "tests/shop/test_door.py"
    broken.write_text("def test_door():\n    assert False\n")
    with pytest.raises(SystemExit, match="without a mutant"):
        TrialCopy(project, tmp_path / "copy").check_baseline([broken.relative_to(project)])


def test_every_accepted_equivalent_is_still_a_mutant_and_has_a_reason() -> None:
    for accepted in EQUIVALENTS:
        (path,) = (ROOT / "plugins/storyboard_ops").glob(accepted["file"])
        mutants = mutants_of(path.relative_to(ROOT), ROOT)
        near = [mutant for mutant in mutants if mutant.function == accepted["function"]]
        assert tuple(accepted["diff"]) in {mutant.diff for mutant in near}, accepted
        assert accepted["reason"]
