"""The digest that is kept with the code; after a change of results: `make report`."""

import re
from itertools import groupby

import pytest

from src.commands import notebooks
from src.commands.notebooks import REPORTS
from src.commands.write_digest import LIMIT

SHIPPED = notebooks.shipped()
QUESTIONS = [name for name, _ in groupby(SHIPPED, key=lambda variant: variant.notebook)]


@pytest.fixture(scope="module")
def page():
    return (REPORTS / "README.md").read_text(encoding="utf-8")


def section(page: str, notebook: str) -> str:
    title = notebooks.title(notebooks.read_notebook(notebooks.NOTEBOOKS / f"{notebook}.ipynb"))
    return page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("variant", SHIPPED, ids=lambda variant: variant.name)
def test_the_digest_tells_what_every_report_found(page, variant):
    paragraph = (
        rf"^\*\*.+\*\* \((real|published sample|simulated), `{variant.name}`\): .+ \*Limit:\* "
    )
    assert re.search(paragraph, section(page, variant.notebook), re.MULTILINE)


@pytest.mark.parametrize("notebook", QUESTIONS)
def test_every_question_has_its_numbers_and_one_figure(page, notebook):
    asked = notebooks.read_notebook(notebooks.NOTEBOOKS / f"{notebook}.ipynb").metadata["cvm"]
    own = section(page, notebook)
    for _, label in asked["digest"]["numbers"]:
        assert f"| {label} |" in own
    assert re.findall(r"!\[.+\]\((.+)\)", own) == [
        f"figures/{notebook}__{asked['digest']['figure']}.svg"
    ]


def test_questions_stand_in_the_order_of_the_notebooks(page):
    places = [page.index(section(page, notebook)) for notebook in QUESTIONS]
    assert places == sorted(places)
    assert page.count("\n## ") == len(QUESTIONS)


def test_every_figure_is_there_and_shown(page):
    shown = {REPORTS / link for link in re.findall(r"!\[.+\]\((.+)\)", page)}
    assert shown == set((REPORTS / "figures").iterdir())
    size = sum(path.stat().st_size for path in (*shown, REPORTS / "README.md"))
    assert size < LIMIT


def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#]+)", page):
        assert (REPORTS / link).is_file(), link


def test_the_readme_answers_with_the_words_of_the_digest(page):
    """After a change of results: `make report`, then copy the answers to the README."""
    readme = (REPORTS.parent / "README.md").read_text(encoding="utf-8")
    table = readme.partition("| question and base | answer |")[2].partition("\n\n")[0]
    answers = [line.split(" | ")[1].removesuffix(" |") for line in table.splitlines()[2:]]
    assert len(answers) >= 6
    assert all(f": {answer} *Limit:* " in page for answer in answers)
    assert "](reports/figures/04_ltv__operator.svg)" in readme
