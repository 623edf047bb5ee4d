"""Rules of this project that no general linter knows: ``python -m tools.lints``.

A line may be excused by ``# lint-skip: <rule> - <reason>``.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple


ROOT = Path(__file__).resolve().parent.parent
TAGS = Path("tools/tags.txt")

LONGEST = 400  # lines of a module; aim at 200
LONGEST_TEST = 600  # lines of a file of tests: cases side by side read better than apart
EXEMPT_FROM_LENGTH = {
    "inbox/contract.py": "what a channel is, to be read as one page",
    "inbox/sql/20_ingest.sql": "one call, whose steps are functions of one file",
    "inbox/tables.py": "the tables of one domain, side by side",
}
PRODUCT = ("infra/", "crm_core/", "inbox/", "channels/", "agents_ui/", "hub/")
TEXT = (".py", ".ts", ".tsx", ".sql", ".css", ".json", ".md", ".toml", ".yaml", ".lock", ".txt")
UNSIZED = ("hub/migrations/versions/", "agents_ui/web/locales/", "tests/corpus/")

HOSTS = re.compile(
    r"[\w.-]*(?:pypi|pythonhosted|npmjs|crates|golang|maven|debian)[\w-]*\.(?:org|io|com|net)\b",
    re.IGNORECASE,
)
MACHINE_PATHS = re.compile(r"(?<![\w.$}])/(?:work|root|home/\w+)/[\w.-]+")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
EXCUSE = re.compile(r"lint-skip: ([\w-]+) - \S+")


class Problem(NamedTuple):
    """One broken rule at one line."""

    path: str
    line: int
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


class Source(NamedTuple):
    """A tracked file; ``path`` is relative to the root, with slashes."""

    path: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The file's lines."""
        return self.text.splitlines()

    def tree(self) -> ast.Module:
        """Return the parsed module; one that does not parse is ruff's business."""
        try:
            return ast.parse(self.text)
        except SyntaxError:
            return ast.Module([], [])


Rule = Callable[[Source], Iterator[Problem]]


def length(source: Source) -> Iterator[Problem]:
    """A module that grew past the wall holds two subjects."""
    count = len(source.lines)
    code = source.path.endswith((".py", ".ts", ".tsx", ".sql"))
    code = code and not source.path.endswith(".gen.ts")
    if not code or source.path.startswith(UNSIZED) or source.path in EXEMPT_FROM_LENGTH:
        return
    longest = LONGEST_TEST if source.path.startswith("tests/") else LONGEST
    if count > longest:
        yield Problem(source.path, count, "length", f"{count} lines, at most {longest}: split it")


def commit(source: Source) -> Iterator[Problem]:
    """Use cases never commit: whoever opened the transaction does."""
    if not source.path.startswith(PRODUCT) or source.path.startswith(
        ("infra/", "hub/migrations/")
    ):
        return
    for node in ast.walk(source.tree()):
        match node:
            case ast.Call(func=ast.Attribute(attr="commit" | "rollback" as name)):
                text = f".{name}() belongs to infra.db alone"
                yield Problem(source.path, node.lineno, "commit", text)
            case _:
                pass


def clock(source: Source) -> Iterator[Problem]:
    """Time and ids come from infra.clock, so that tests can move both."""
    if not source.path.startswith(PRODUCT) or source.path == "infra/clock.py":
        return
    banned = {"datetime.now", "datetime.today", "date.today", "uuid4", "uuid.uuid4", "uuid.uuid1"}
    for node in ast.walk(source.tree()):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in banned:
            text = f"{ast.unparse(node.func)}(): use infra.clock"
            yield Problem(source.path, node.lineno, "clock", text)


def tables(source: Source) -> Iterator[Problem]:
    """An HTTP handler asks a use case, which applies the visibility rule; never a table."""
    if not source.path.startswith(("agents_ui/api/", "agents_ui/live/")):
        return
    for node in ast.walk(source.tree()):
        match node:
            case ast.ImportFrom(module=str(module)):
                names = [module]
            case ast.Import(names=aliases):
                names = [alias.name for alias in aliases]
            case _:
                continue
        for name in names:
            if name.startswith("sqlalchemy") or name.rpartition(".")[2] == "tables":
                yield Problem(source.path, node.lineno, "tables", f"{name} may not be used here")


def mocks(source: Source) -> Iterator[Problem]:
    """Tests speak to real servers."""
    if not source.path.endswith(".py"):
        return
    for node in ast.walk(source.tree()):
        match node:
            case ast.ImportFrom(module=str(module)) if module.startswith("unittest"):
                yield Problem(source.path, node.lineno, "mocks", "run the real server instead")
            case ast.Import(names=aliases) if any(a.name == "unittest.mock" for a in aliases):
                yield Problem(source.path, node.lineno, "mocks", "run the real server instead")
            case ast.arg(arg="mocker"):
                yield Problem(source.path, node.lineno, "mocks", "run the real server instead")
            case _:
                pass


def places(source: Source) -> Iterator[Problem]:
    """No file knows whose machine it was written on, or where packages came from."""
    if source.path.startswith("tests/corpus/"):
        return
    for number, line in enumerate(source.lines, 1):
        for found in (HOSTS.search(line), MACHINE_PATHS.search(line)):
            if found:
                yield Problem(source.path, number, "places", f"{found[0]} is a place, not a name")


def unfinished(source: Source) -> Iterator[Problem]:
    """What is not done is an issue, not a comment."""
    if not source.path.endswith((".py", ".ts", ".tsx", ".sql", ".md")):
        return
    for number, line in enumerate(source.lines, 1):
        found = UNFINISHED.search(line)
        if found and source.path != "tools/lints.py":
            yield Problem(source.path, number, "unfinished", f"{found[0]}: finish it or file it")


def viewers(source: Source) -> Iterator[Problem]:
    """Whatever returns rows to agents takes the viewer whose rights it applies."""
    if not source.path.startswith(("inbox/", "crm_core/")):
        return
    read = re.compile(r"\b(?:ConversationItem|Timeline|CardPage|ConversationPage|SearchResult)\b")
    for node in source.tree().body:
        if not isinstance(node, ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        returned = ast.unparse(node.returns) if node.returns else ""
        given = {each.arg for each in (*node.args.args, *node.args.kwonlyargs)}
        if read.search(returned) and "viewer" not in given:
            text = f"{node.name}() returns {returned} and takes no viewer"
            yield Problem(source.path, node.lineno, "viewers", text)


RULES: Sequence[Rule] = (
    length,
    commit,
    clock,
    tables,
    mocks,
    places,
    unfinished,
    viewers,
)


def tags_of(source: Source) -> Iterator[str]:
    """Yield the stored names of the module's events and jobs: ``class Sent(Event, tag="…")``."""
    for node in ast.walk(source.tree()):
        if not isinstance(node, ast.ClassDef):
            continue
        for base in node.bases:
            kind = ast.unparse(base).rpartition(".")[2].lower()
            for keyword in node.keywords:
                if kind in {"event", "job"} and keyword.arg == "tag":
                    yield f"{kind} {ast.literal_eval(keyword.value)}"


def frozen(tags: set[str], known: Sequence[str]) -> Iterator[Problem]:
    """Stored names outlive the code: rows with them are in databases everywhere."""
    path = TAGS.as_posix()
    for tag in sorted(tags - set(known)):
        yield Problem(path, len(known) + 1, "tags", f"{tag!r} is new: add it here")
    for number, tag in enumerate(known, 1):
        if tag not in tags:
            yield Problem(path, number, "tags", f"{tag!r} is stored in databases: keep its class")


def check(sources: Sequence[Source]) -> Iterator[Problem]:
    """Yield what every rule says about ``sources``, excused lines left out."""
    for source in sources:
        for rule in RULES:
            for problem in rule(source):
                line = source.lines[problem.line - 1] if problem.line <= len(source.lines) else ""
                if problem.rule not in EXCUSE.findall(line):
                    yield problem


def tracked() -> list[Source]:
    """Return the text files that git knows."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = {"Makefile", "Dockerfile", "Caddyfile", ".ci/run", ".gitignore"}
    return [
        Source(path, (ROOT / path).read_text(encoding="utf-8", errors="replace"))
        for path in listed.split("\0")
        if (path.endswith(TEXT) or path in names) and (ROOT / path).is_file()
    ]


def main() -> int:
    """Print every problem; return the exit code."""
    sources = tracked()
    tags = {
        tag for source in sources if source.path.startswith(PRODUCT) for tag in tags_of(source)
    }
    known = (ROOT / TAGS).read_text().splitlines()
    problems = [*check(sources), *frozen(tags, known)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
