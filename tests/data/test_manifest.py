import json
import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from src.data.contracts import TABLES
from src.data.manifest import Manifest, SegmentRule, Source, parse, read_manifest
from src.data.problems import InputError

GOOD = """
title: Toy
kind: panel
currency: EUR
tables:
  customers: {file: customers.csv}
  billing: {file: billing.csv}
"""
ONE_PLACE = (
    "tables.snapshot: give either `file` (with `package`, if it is inside one) or `database`: "
    "write `file: ...`, or `database: NAME_OF_VARIABLE` and `query: select ...`"
)
DATE_FORM = (
    "tables.snapshot.dates: takes a strptime format with a year and a month, such as %d.%m.%Y "
    "or %Y%m"
)


def with_source(text: str) -> str:
    """A manifest whose table snapshot has this entry."""
    return f"{{title: Toy, kind: snapshot, currency: EUR, tables: {{snapshot: {{{text}}}}}}}"


def with_segment(text: str) -> str:
    return f"{GOOD}segment: {text}\n"


def test_what_is_not_said_has_its_default():
    assert parse(GOOD) == Manifest(
        title="Toy",
        kind="panel",
        currency="EUR",
        origin="real",
        segment=None,
        tables={
            "customers": Source(
                file="customers.csv", encoding="utf-8-sig", decimal=".", header=True
            ),
            "billing": Source(file="billing.csv", sheet=0, thousands="", columns={}, drop=()),
        },
        fingerprint=None,
    )


DATABASE = "write `database: NAME_OF_VARIABLE` and `query: select ...`"
SEGMENT = (
    "write `segment: {value: B2C}`, `segment: {column: ..., values: {...: B2B}, otherwise: B2C}`, "
    "of a panel `segment: {first_bills: 3, b2b_from: 100}`, or of orders `segment: {measure: "
    "median order value, b2b_from: 150}`"
)
WAYS = "segment: give one of `value`, `column`, `first_bills`, `measure`: "
BY_COLUMN = "segment: `column` needs one of `values`, `b2b_from`, `legal_forms`, `filled`: "
RULE = (
    "write `values: {...: B2B}` with `otherwise: B2C`, `b2b_from: 5`, `legal_forms: true` or "
    "`filled: true`"
)


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        (GOOD + "colour: red\n", ["colour: there is no such key"]),
        (
            with_source("file: a.csv, seperator: ';'"),
            ["tables.snapshot.seperator: there is no such key; did you mean `separator`?"],
        ),
        (
            with_segment("{value: B2C, rule: x}"),
            ["segment.rule: there is no such key"],
        ),
        (GOOD.replace("title: Toy\n", ""), ["title: Field required"]),
        (
            GOOD.replace("panel", "churn"),
            ["kind: Input should be 'panel', 'snapshot', 'orders' or 'experiment'"],
        ),
        (
            GOOD.replace("billing:", "bills:"),
            [f"no such table: bills; known: {', '.join(TABLES)}"],
        ),
        (
            GOOD.replace("billing:", "usage:"),
            ["kind 'panel' needs the table billing; write under tables: `billing: {file: ...}`"],
        ),
        (
            GOOD.replace("billing:", "usage:").replace("customers:", "lines:"),
            [
                "kind 'panel' needs the table customers and billing; write under "
                "tables: `customers: {file: ...}` and `billing: {file: ...}`"
            ],
        ),
        (
            GOOD.replace("panel", "snapshot"),
            [
                "kind 'snapshot' needs the table snapshot; write under tables: "
                "`snapshot: {file: ...}`"
            ],
        ),
        (
            GOOD.replace("panel", "orders"),
            ["kind 'orders' needs the table orders; write under tables: `orders: {file: ...}`"],
        ),
        (
            with_source("file: a.csv, database: CVM_DB, query: select 1"),
            [ONE_PLACE],
        ),
        (
            with_source("sheet: Sales"),
            [ONE_PLACE],
        ),
        (
            with_source("database: CVM_DB"),
            ["tables.snapshot: `database` and `query` belong together: " + DATABASE],
        ),
        (
            with_source("file: a.csv, query: select 1"),
            ["tables.snapshot: `database` and `query` belong together: " + DATABASE],
        ),
        (
            with_source("database: 'postgresql://me:secret@host/db', query: select 1"),
            [
                "tables.snapshot: `database` takes the name of an environment variable that holds "
                "the address; never write an address or a password into this file"
            ],
        ),
        (
            with_source("file: a.csv, decimal: ',', thousands: ','"),
            [
                "tables.snapshot: `decimal` and `thousands` are the same mark; write "
                "`decimal: ','` and `thousands: '.'`"
            ],
        ),
        (
            with_source("file: a.csv, thousands: '.'"),
            [
                "tables.snapshot: `decimal` and `thousands` are the same mark; write "
                "`decimal: '.'` and `thousands: ','`"
            ],
        ),
        (
            with_source("file: a.csv, decimal: ';'"),
            ["tables.snapshot.decimal: Input should be '.' or ','"],
        ),
        (
            with_source("file: a.csv, dates: DD.MM.YYYY"),
            [DATE_FORM],
        ),
        (
            with_source("file: a.csv, dates: '%Q %Y'"),
            [DATE_FORM],
        ),
        (
            with_source("file: a.csv, dates: '%d.%m'"),
            [DATE_FORM],
        ),
        (
            with_source("file: a.csv, separator: '\\t'"),
            ["tables.snapshot.separator: takes one character, or the words `tab` or `space`"],
        ),
        (
            with_source("file: a.csv, encoding: cp9999"),
            ["tables.snapshot.encoding: is not known; try utf-8, cp1251, latin-1 or utf-16"],
        ),
        (
            with_source("file: a.csv, personal: {phone: encrypt}"),
            ["tables.snapshot.personal.phone: Input should be 'drop', 'hash' or 'keep'"],
        ),
        (
            with_source("file: a.csv, drop: phone"),
            ["tables.snapshot.drop: Input should be a valid tuple"],
        ),
        (
            with_segment("{}"),
            [WAYS + SEGMENT],
        ),
        (
            with_segment("{value: B2C, column: size}"),
            [WAYS + SEGMENT],
        ),
        (
            with_segment("{value: B2C, b2b_from: 5}"),
            ["segment: `value` is for all customers and stands alone"],
        ),
        (
            with_segment("{value: B2C, otherwise: B2B}"),
            ["segment: `value` is for all customers and stands alone"],
        ),
        (with_segment("{value: SME}"), ["segment.value: Input should be 'B2B' or 'B2C'"]),
        (
            with_segment("{column: size}"),
            [BY_COLUMN + RULE],
        ),
        (
            with_segment("{column: size, values: {a: B2B}, b2b_from: 5}"),
            [BY_COLUMN + RULE],
        ),
        (
            with_segment("{column: size, b2b_from: 5, otherwise: B2C}"),
            ["segment: `otherwise` goes with `values`; the other rules leave nobody out"],
        ),
        (
            with_segment("{column: size, values: {a: B2B, b: SME, c: [B2C]}}"),
            ["segment: `values` must lead to B2B or B2C, not to SME, ['B2C']"],
        ),
        (
            GOOD.replace("title: Toy\n", "").replace("panel", "churn"),
            [
                "title: Field required",
                "kind: Input should be 'panel', 'snapshot', 'orders' or 'experiment'",
            ],
        ),
    ],
)
def test_every_mistake_is_named_with_its_place(text, mistakes):
    with pytest.raises(InputError) as caught:
        parse(text)

    assert str(caught.value).splitlines() == [
        "base.yml has mistakes:",
        *(f"  - {mistake}" for mistake in mistakes),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [("title: [Toy\nkind: panel", 2), ("title: Toy\n\tkind: panel", 2), ("a: 'b': c", 1)],
)
def test_yaml_that_cannot_be_read_is_refused_with_its_line(text, line):
    with pytest.raises(InputError, match=rf"^base\.yml is not valid YAML at line {line}$"):
        parse(text)


@pytest.mark.parametrize("text", ["", "just words", "- a\n- list", "42"])
def test_a_file_that_is_not_a_mapping_is_refused(text):
    with pytest.raises(InputError, match="must hold `title`, `kind`, `currency` and `tables`"):
        parse(text)


def test_yes_and_no_stay_words_and_true_and_false_do_not():
    source = parse(
        with_source("file: a.csv, header: false, values: {churned: {Yes: yes, No: no, on: true}}")
    ).tables["snapshot"]

    assert source.header is False
    assert source.values == {"churned": {"Yes": "yes", "No": "no", "on": True}}


def test_keys_of_a_value_map_are_the_text_of_cells():
    source = parse(
        with_source("file: a.csv, values: {churned: {7: true, 2.5: x, true: y, 2024-01-31: z}}")
    ).tables["snapshot"]

    assert source.values == {"churned": {"7": True, "2.5": "x", "true": "y", "2024-01-31": "z"}}


def test_a_value_map_must_be_a_mapping():
    with pytest.raises(InputError, match=r"tables\.snapshot\.values\.churned: .*valid dictionary"):
        parse(with_source("file: a.csv, values: {churned: [Yes, No]}"))


def test_numbers_stand_for_column_positions_titles_and_markers():
    manifest = parse(
        "{title: 2024, kind: snapshot, currency: EUR, tables: {snapshot: "
        "{file: a.csv, header: false, columns: {customer_id: 1}, missing: [-1], sheet: 2}}}"
    )

    assert manifest.title == "2024"
    assert manifest.tables["snapshot"].columns == {"customer_id": "1"}
    assert manifest.tables["snapshot"].missing == ("-1",)
    assert manifest.tables["snapshot"].sheet == 2


def test_a_manifest_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        parse(GOOD).title = "Other"


def test_read_manifest_says_where_it_looked(tmp_path):
    with pytest.raises(InputError) as caught:
        read_manifest(tmp_path / "nowhere")

    path = tmp_path / "nowhere" / "base.yml"
    assert str(caught.value) == f"there is no base 'nowhere': {path} does not exist"


def test_read_manifest_names_the_file_with_the_mistake(tmp_path):
    (tmp_path / "base.yml").write_text(GOOD + "colour: red\n")

    with pytest.raises(InputError) as caught:
        read_manifest(tmp_path)

    assert str(caught.value).startswith(f"{tmp_path / 'base.yml'}: base.yml has mistakes:")


def test_read_manifest_takes_utf_8_only(tmp_path):
    (tmp_path / "base.yml").write_bytes("title: Клиенты".encode("cp1251"))

    with pytest.raises(InputError, match=r"base\.yml: save it as UTF-8"):
        read_manifest(tmp_path)


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
names = st.text(string.ascii_lowercase + "_ Яé", min_size=1, max_size=12)
replacements = st.one_of(words, st.none(), st.booleans(), st.integers(), st.floats(-1e300, 1e300))
sources = st.builds(
    Source,
    file=words.filter(lambda name: name.strip(" ./")),  # no folder above the base's
    package=st.one_of(st.none(), words),
    sheet=st.one_of(words, st.integers(0, 9)),
    separator=st.sampled_from([None, ";", "tab", "space", "|"]),
    encoding=st.sampled_from(["utf-8-sig", "cp1251"]),
    decimal=st.sampled_from([".", ","]),
    thousands=st.sampled_from(["", " ", "'"]),
    dates=st.sampled_from(["", "%d.%m.%Y", "%Y%m"]),
    missing=st.lists(words, max_size=3).map(tuple),
    header=st.booleans(),
    columns=st.dictionaries(names, words, max_size=4),
    values=st.dictionaries(names, st.dictionaries(words, replacements, max_size=4), max_size=3),
    drop=st.lists(words, max_size=3).map(tuple),
    personal=st.dictionaries(names, st.sampled_from(["drop", "hash", "keep"]), max_size=3),
)
segments = st.sampled_from(["B2B", "B2C"])
segment_rules = st.one_of(
    st.none(),
    st.builds(SegmentRule, value=segments),
    st.builds(
        SegmentRule,
        column=words,
        values=st.dictionaries(words, segments, max_size=4),
        otherwise=st.one_of(st.none(), segments),
    ),
    st.builds(SegmentRule, column=words, b2b_from=st.floats(-1e9, 1e9)),
)


@given(title=words, snapshot=sources, segment=segment_rules)
def test_a_manifest_survives_being_written_and_read(title, snapshot, segment):
    manifest = Manifest(
        title=title, kind="snapshot", currency="EUR", segment=segment, tables={"snapshot": snapshot}
    )

    written = yaml.safe_dump(manifest.model_dump(mode="json", exclude_defaults=True))

    assert parse(written) == manifest


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            with_source("file: a.csv, drop: [secret], drop: []"),
            " at line 1: `drop` stands twice, in line 1 and here; keep one of them",
        ),
        (GOOD + "title: Other\n", " at line 8: `title` stands twice, in line 2 and here; keep one"),
        ("title: !!int x", " at line 1: 'x' is no int; quote it"),
        ("title: 2024-13-45", " at line 1: '2024-13-45' is no timestamp; quote it"),
        ("title: !!map [1]", ": "),
        ('kind: x\ntitle: "\\uD800"', " at line 2: \\ud800 is half a character; write it as it is"),
        ('"\\uDC00": x', " at line 1: \\udc00 is half a character"),
        ("[" * 3000, ": it is nested too deeply"),
    ],
)
def test_yaml_that_says_two_things_or_none_is_refused(text, reason):
    with pytest.raises(InputError) as caught:
        parse(text)

    assert str(caught.value).startswith(f"base.yml is not valid YAML{reason}")


@pytest.mark.parametrize("form", ["%Y%Y", "%W %Y", "%d.%Y", "%Y %j %j", "%c%", "\0"])
def test_forms_of_dates_that_tell_no_month_are_refused(form):
    with pytest.raises(InputError, match="takes a strptime format with a year and a month"):
        parse(with_source(f"file: a.csv, dates: {json.dumps(form)}"))


@pytest.mark.parametrize(
    "name", ["base64", "rot13", "hex", "zlib", "idna", "undefined", "a\0b", ""]
)
def test_encodings_that_are_none_of_files_are_refused(name):
    with pytest.raises(InputError, match=r"snapshot\.encoding: is not known; try utf-8"):
        parse(with_source(f"file: a.csv, encoding: {json.dumps(name)}"))


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (
            with_source("file: a.csv, repeated: sum"),
            "tables.snapshot: `repeated: sum` is not for this table; it takes `repeated: first`",
        ),
        (
            GOOD.replace("billing.csv}", "billing.csv, repeated: keep}"),
            "tables.billing: `repeated: keep` is not for this table; it takes `repeated: sum`",
        ),
        (
            with_source("file: a.csv, months_in_columns: {revenue: bill}"),
            "tables.snapshot.months_in_columns: takes names of columns with a year and a month in "
            "them, such as {revenue: bill_%Y_%m}, not 'bill'",
        ),
        (
            with_source("file: a.csv, months_in_columns: {revenue: '%Y%m'}"),
            "tables.snapshot: `months_in_columns` needs a table with a month",
        ),
        (
            with_source("file: a.csv, header: false, header_row: 2"),
            "tables.snapshot: `header_row` names a header, and `header: false` says there is none",
        ),
        (
            with_source("file: a.csv, returns: last purchase"),
            "tables.snapshot: `cancelled` and `returns` are for table orders",
        ),
    ],
)
def test_keys_that_would_do_nothing_are_refused(text, mistake):
    with pytest.raises(InputError) as caught:
        parse(text)

    assert str(caught.value).splitlines()[1:] == [f"  - {mistake}"]


@pytest.mark.parametrize("words", ["Panel for RATE: 12", "a: b: c "])
def test_words_with_a_colon_are_shown_in_quotes(words):
    with pytest.raises(InputError) as caught:
        parse(f"kind: panel\ntitle: {words}\n")
    told = "base.yml is not valid YAML at line 2; words with a colon stand in quotes: "
    assert str(caught.value) == f'{told}`title: "{words.rstrip()}"`'


def test_a_rate_that_is_none_is_refused_with_a_line_to_write():
    for rate in ("0", "1", "2%", "true"):
        with pytest.raises(
            InputError, match=r"churn_rate: must be a share .*such as `churn_rate: 0\.02`"
        ):
            parse(
                f"title: T\nkind: snapshot\ncurrency: EUR\nchurn_rate: {rate}\n"
                "tables: {snapshot: {file: a.csv}}\n"
            )


@pytest.mark.parametrize("file", [".", "..", "../..", "./", ""])
def test_a_folder_that_holds_the_base_is_no_table(file):
    with pytest.raises(InputError, match="is the folder of the base, or one that holds it"):
        parse(
            f"title: T\nkind: snapshot\ncurrency: EUR\ntables: {{snapshot: {{file: '{file}'}}}}\n"
        )
