"""Report pages: what is in the file, and what a browser makes of it."""

import json
import os
import re
import shutil
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_notebook, new_output
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from src.reporting.page.index import Entry, render_index
from src.reporting.page.render import render_report

VARIANTS = ("operator", "ibm_telco", "cdnow")
PAGES = (*VARIANTS, "03_churn", "04_ltv")
# Names of XML vocabularies and links for readers; a browser fetches neither.
VOCABULARIES = {"http://www.w3.org/1999/xlink", "http://www.w3.org/2000/svg"}


@pytest.fixture(params=PAGES)
def page(request, report, churn, value):
    if request.param == "03_churn":
        return churn("ibm_telco")[1]
    if request.param == "04_ltv":
        return value()[1]
    return report("01_exploration", request.param)[1]


@pytest.fixture
def soup(page):
    return BeautifulSoup(page.read_text(), "html.parser")


def test_the_page_is_small_and_needs_no_network(page):
    text = page.read_text()
    assert len(text.encode()) < 3_000_000
    assert set(re.findall(r"https?://[^\"'<>\s)]+", text)) <= VOCABULARIES
    assert not re.search(r"@import|<link[^>]+href=\"(?!data:)|<script", text)


POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)


def test_the_page_forbids_scripts_and_addresses_before_anything_else(soup):
    policy = soup.select_one("meta[http-equiv='Content-Security-Policy']")
    assert policy["content"] == POLICY
    assert [tag.name for tag in policy.find_previous_siblings()] == ["meta"]  # the character set


def test_every_figure_has_a_finding_and_an_alternative_text(soup):
    figures = soup.select("figure.chart")
    assert len(figures) >= 5
    for figure in figures:
        assert len(figure.figcaption.get_text()) > 15
        svg = figure.svg
        assert svg["role"] == "img"
        assert len(svg["aria-label"]) > 30
    assert not soup.select("img:not([alt])")


def test_headings_nest_and_the_contents_list_them(soup):
    levels = [int(heading.name[1]) for heading in soup.select("h1, h2, h3, h4")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    links = [link["href"] for link in soup.select(".contents ol a")]
    assert links == [f"#{heading['id']}" for heading in soup.select("main h2")]
    assert len(links) >= 6


def test_ids_are_unique_and_the_answer_comes_first(soup):
    ids = [element["id"] for element in soup.select("[id]")]
    assert len(ids) == len(set(ids))
    first = soup.select_one("main").find(True)
    assert first.name == "section"
    assert first["class"] == ["answer"]
    assert "Limit:" in first.get_text()


def test_code_is_there_and_folded(soup):
    folded = soup.select("details.code")
    assert len(folded) >= 8
    assert not any(block.has_attr("open") for block in folded)
    assert "open_study(" in folded[0].get_text()


def test_the_header_names_base_and_date_the_footer_parameters_and_fingerprint(soup, page):
    metrics = json.loads((page.parent / "metrics" / f"{page.stem}.json").read_text())
    header, footer = soup.header.get_text(" "), soup.footer.get_text(" ")
    for part in (metrics["base_title"], metrics["date"]):
        assert part in header
    for part in (metrics["fingerprint"], "BASE ="):
        assert part in footer
        assert part not in header


def test_two_runs_give_the_same_page(report):
    _, page, _ = report("01_exploration", "ibm_telco")
    _, again, _ = report("01_exploration", "ibm_telco", BASE="ibm_telco")
    assert page.read_bytes() == again.read_bytes()


@pytest.fixture(scope="module")
def browser():
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have chromium and chromedriver; see .ci/run")
        pytest.skip("chromium and chromedriver are not installed: pages are not seen in a browser")
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for word in (
        "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-sync",
        "disable-background-networking", "disable-component-update", "hide-scrollbars",
    ):  # fmt: skip
        options.add_argument(f"--{word}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()


def look(browser, page, width: int, scheme: str) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    feature = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", feature)
    browser.get(page.as_uri())


# Contrast after WCAG 2.1: every text against the background it stands on.
CONTRAST = """
const parse = c => c.match(/[\\d.]+/g).map(Number);
const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= .03928 ? v / 12.92
  : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e)
  .backgroundColor); if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return null; };
const seen = [...document.querySelectorAll('SELECTOR')]
  .filter(e => e.getClientRects().length && e.textContent.trim());
return seen.map(e => { const style = getComputedStyle(e);
  const ink = parse(e.tagName == 'text' ? style.fill : style.color).slice(0, 3);
  const a = light(ink), b = light(behind(e) || [255, 255, 255]);
  const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  return [ratio, e.tagName, e.textContent.slice(0, 40)]; })
  .filter(([ratio]) => ratio < RATIO);
"""


def too_faint(browser, selector: str, ratio: float) -> list:
    return browser.execute_script(
        CONTRAST.replace("SELECTOR", selector).replace("RATIO", str(ratio))
    )


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_browser_shows_the_page(browser, page, width, scheme):
    look(browser, page, width, scheme)
    fits = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert browser.execute_script(fits)
    # Charts scroll inside their own frame where they would become too small to read.
    smallest = browser.execute_script(
        "return Math.min(...[...document.querySelectorAll('figure.chart text')]"
        ".map(text => text.getBoundingClientRect().height))"
    )
    assert smallest >= 9
    assert too_faint(browser, "p, li, td, th, h1, h2, h3, figcaption, summary", 4.5) == []
    # Names of curves carry the curve's colour: they keep to the bound for graphics.
    assert too_faint(browser, "figure.chart text", 3) == []
    background = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")
    errors = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert errors == []
    asked = [
        entry["message"]
        for entry in browser.get_log("performance")
        if '"Network.requestWillBeSent"' in entry["message"]
    ]
    assert all('"url":"file://' in message or '"url":"data:' in message for message in asked)


# The fills of a drawing against the background that its file brings.
DRAWN = """
const parse = c => c.match(/[\\d.]+/g).map(Number);
const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= .03928 ? v / 12.92
  : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
const fill = e => light(parse(getComputedStyle(e).fill).slice(0, 3));
const behind = fill(document.querySelector('rect'));
return [behind, [...document.querySelectorAll('text')].map(e => { const ink = fill(e);
  return (Math.max(ink, behind) + .05) / (Math.min(ink, behind) + .05); })];
"""


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_figure_of_the_digest_can_be_read_on_its_own(browser, report, variant, scheme):
    _, page, _ = report("01_exploration", variant)
    look(browser, page.parent / "metrics" / f"{page.stem}.svg", 800, scheme)
    behind, contrasts = browser.execute_script(DRAWN)
    assert (behind > 0.5) == (scheme == "light")
    assert len(contrasts) > 8
    assert min(contrasts) >= 3


@pytest.mark.browser
def test_a_script_that_came_with_the_data_does_not_run(browser, tmp_path):
    cell = new_code_cell("1", outputs=[new_output("display_data", {"text/html": EVIL})])
    said = {
        "title": "T",
        "base_title": "B",
        "origin": "real",
        "report": "r",
        "date": "",
        "error": "",
    }
    said |= {"notes": [], "fingerprint": "f", "parameters": {}}
    page = tmp_path / "page.html"
    page.write_text(render_report(new_notebook(cells=[cell], metadata={"cvm": said})))
    look(browser, page, 1280, "light")
    assert browser.find_element("id", "evil").text == "as it was"
    folded = browser.find_element("css selector", "details.code")
    folded.find_element("css selector", "summary").click()
    assert folded.get_attribute("open")
    browser.get_log("browser")  # what the policy refused is said there: not for the next test


EVIL = """<p id="evil">as it was</p>
<script>document.getElementById('evil').textContent = 'run'</script>
<img src="x" onerror="document.getElementById('evil').textContent = 'run'">"""


@pytest.mark.browser
def test_a_printed_page_has_no_code_and_no_navigation(browser, page):
    look(browser, page, 1280, "light")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    hidden = (
        "return [...document.querySelectorAll('details.code, .contents')]"
        ".every(e => getComputedStyle(e).display == 'none')"
    )
    assert browser.execute_script(hidden)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_browser_shows_the_index(browser, tmp_path, width, scheme):
    page = tmp_path / "index.html"
    page.write_text(render_index(ENTRIES))
    look(browser, page, width, scheme)
    assert too_faint(browser, "p, h1, h2, a, .badge", 4.5) == []
    fits = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert browser.execute_script(fits)


ENTRIES = [
    Entry("01_a__x", "Why?", "Base <x>", "real", "**1%** left", "2024-01-05", "", True),
    Entry("01_a__y", "Why?", "Base y", "simulated", "", "", "KeyError: '<b>'", False),
    Entry("02_b__x", "How?", "Base x", "sample", "old", "2024-01-04", "ValueError: no", True),
]


def test_the_index_marks_origin_failure_and_the_last_good_report():
    soup = BeautifulSoup(render_index(ENTRIES), "html.parser")
    assert [heading.get_text() for heading in soup.select("h2")] == ["Why?", "How?"]
    badges = [
        [badge.get_text() for badge in entry.select(".badge")] for entry in soup.select("article")
    ]
    assert badges == [
        ["real", "up to date"],
        ["simulated", "failed"],
        ["published sample", "failed"],
    ]
    links = [[link["href"] for link in entry.select("a")] for entry in soup.select("article")]
    assert links == [
        ["01_a__x.html"],
        ["01_a__y.failed.html"],
        ["02_b__x.failed.html", "02_b__x.html"],
    ]
    assert "Base <x>" in soup.get_text()
    assert "KeyError: '<b>'" in soup.get_text()
    assert soup.select_one("article strong").get_text() == "1%"


def test_the_index_forbids_scripts_as_well():
    soup = BeautifulSoup(render_index(ENTRIES), "html.parser")
    assert soup.select_one("meta[http-equiv='Content-Security-Policy']")["content"] == POLICY


def test_an_empty_index_says_what_to_do():
    assert "Run <code>make report</code>" in render_index([])
