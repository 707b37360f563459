"""The project speaks only of itself: not of who made it, nor of a machine that it was made on."""

import re
import subprocess
from pathlib import Path

import pytest

PLACES = "|".join(("work", "root", "home", "Users", "tmp"))
MAKERS = "|".join(("agent", "subagent", "session", "workplace", "chatbot"))
FORBIDDEN = re.compile(rf"(?<![\w.:/-])/({PLACES})/|\b({MAKERS})s?\b", re.IGNORECASE)
MEANT = ('scope="session"', "User-Agent")


def tracked(root: Path) -> list[Path]:
    """Every file that belongs to the project."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this copy of the project is not a git checkout")
    return [path for name in listed.stdout.split("\0") if name and (path := root / name).is_file()]


def remarks(text: str) -> list[str]:
    for phrase in MEANT:
        text = text.replace(phrase, "")
    return [match.group() for match in FORBIDDEN.finditer(text)]


def test_the_project_speaks_only_of_itself(root):
    found = {}
    for path in tracked(root):
        if path == Path(__file__):
            continue
        try:
            said = remarks(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue  # not a text file
        if said:
            found[str(path.relative_to(root))] = said
    assert not found


@pytest.mark.parametrize("text", ["see /home/me/x", "'/tmp/a'", "as the agents did", "In this Session we"])
def test_such_remarks_are_noticed(text):
    assert remarks(text)


@pytest.mark.parametrize("text", ["https://a.org/home/x", "reagents", '@fixture(scope="session")', "path/tmp/x"])
def test_other_words_are_not(text):
    assert not remarks(text)
