"""What the documents promise is so: commands exist, the contract's catalogue is the code's."""

import re
from pathlib import Path

import pytest

from src.commands import draft_base
from src.data.building import build_base
from src.data.contracts import TABLES
from src.data.manifest import Manifest, SegmentRule, Source
from src.data.problems import InputError

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "data/**/*.md")
    for path in ROOT.glob(pattern)
    if "shared" not in path.parts
)
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_and_links_of_a_document_exist(path):
    text = path.read_text(encoding="utf-8")
    commands = re.findall(r"^make ([a-z-]+)", text, re.MULTILINE)
    commands += re.findall(r"`make ([a-z-]+)[^`]*`", text)
    assert set(commands) <= TARGETS
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        if not link.startswith(("http://", "https://")):
            assert (path.parent / link).exists(), link


def catalogue() -> str:
    text = (ROOT / "data/README.md").read_text(encoding="utf-8")
    return text.split("<!-- contract:start -->")[1].split("<!-- contract:end -->")[0]


@pytest.mark.parametrize("name", TABLES)
def test_the_catalogue_is_that_of_the_code(name):
    table = TABLES[name]
    section = re.search(rf"### {name}\n(.*?)(?=\n### |\Z)", catalogue(), re.DOTALL).group(1)
    rows = dict(re.findall(r"^\| `(\w+)` \| (\w+ \| (?:yes)?) *\|", section, re.MULTILINE))
    assert rows == {
        column: f"{declared.kind} | {'yes' if declared.required else ''}"
        for column, declared in table.columns.items()
    }
    assert f"Key: {' + '.join(f'`{column}`' for column in table.key)}." in section
    for rule in table.row_rules:
        assert f"`{rule.columns[0]}` {rule.rule}." in section


def test_every_key_of_base_yml_is_described():
    text = (ROOT / "docs/bring-your-own-base.md").read_text(encoding="utf-8")
    keys = {*Manifest.model_fields, *Source.model_fields, *SegmentRule.model_fields} - {"tables"}
    assert not [key for key in sorted(keys) if not re.search(rf"`[^`]*\b{key}\b[^`]*`", text)]


def test_the_walkthrough_builds(walkthrough):
    assert walkthrough.rows["customers"] == 202
    assert walkthrough.notes[0].startswith("customers.E-Mail looks like personal data (e-mail)")
    customers = walkthrough.table("customers")
    assert set(customers["segment"]) == {"B2B", "B2C"}
    assert customers["region"].iloc[0] == "Köln"
    assert walkthrough.table("billing")["revenue"].iloc[0] == 1024.90


def test_the_draft_of_the_walkthrough_is_the_one_shown(walkthrough, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(draft_base, "DATA", tmp_path / "data")
    for name in ("kunden.csv", "rechnungen.csv"):
        (tmp_path / name).write_bytes((walkthrough.folder / name).read_bytes())
    monkeypatch.setenv("DRAFT_FROM", f"{tmp_path}/kunden.csv {tmp_path}/rechnungen.csv")
    monkeypatch.setenv("DRAFT_NAME", "stadtfunk")
    assert draft_base.main([]) == 0
    said = capsys.readouterr().out.replace(f"{tmp_path}/", "~/Downloads/").strip()
    text = (ROOT / "docs/bring-your-own-base.md").read_text(encoding="utf-8")
    assert f"<!-- draft:start -->\n```\n{said}\n```\n<!-- draft:end -->" in text
    folder = tmp_path / "data/bases/stadtfunk"
    assert "CHECK " not in (folder / "base.yml").read_text().partition("title:")[2]
    # The draft reads the same tables as the file that is written by hand.
    assert build_base(str(folder)).fingerprint == walkthrough.fingerprint


def test_the_message_of_the_walkthrough_is_the_real_one(walkthrough, tmp_path):
    folder = tmp_path / "stadtfunk"
    folder.mkdir()
    for name in ("base.yml", "kunden.csv"):
        (folder / name).write_bytes((walkthrough.folder / name).read_bytes())
    good = (walkthrough.folder / "rechnungen.csv").read_text(encoding="latin-1").splitlines()[:3]
    bad = ["100002;01.2023;n/a", "100002;02.2023;12,5O", "100002;02.2023;1", "999999;02.2023;1"]
    (folder / "rechnungen.csv").write_text("\n".join(good + bad), encoding="latin-1")
    with pytest.raises(InputError) as caught:
        build_base(str(folder), key=b"key")
    text = (ROOT / "docs/bring-your-own-base.md").read_text(encoding="utf-8")
    assert f"```\nerror: {caught.value}\n```" in text


PYTHON = sorted(path for place in ("src", "benchmarks") for path in (ROOT / place).rglob("*.py"))


def exists(name: str) -> bool:
    """Whether a dotted name is a module of the project, or a thing that a module holds."""
    place = ROOT.joinpath(*name.split("."))
    if place.is_dir() or place.with_suffix(".py").is_file():
        return True
    module = place.parent.with_suffix(".py")
    module = module if module.is_file() else place.parent / "__init__.py"
    return module.is_file() and re.search(rf"\b{place.name}\b", module.read_text()) is not None


@pytest.mark.parametrize(
    "path", [*DOCUMENTS, *PYTHON], ids=lambda path: str(path.relative_to(ROOT))
)
def test_modules_that_are_named_exist(path):
    named = set(re.findall(r"`(src(?:\.\w+)+)", path.read_text(encoding="utf-8")))
    assert not [name for name in sorted(named) if not exists(name)]
