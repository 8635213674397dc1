"""Rules of base.yml that tell rows apart: whose segment, and which models learn from."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from src.data.contracts import SEGMENTS


def _words(mapping: Any) -> Any:
    """Keys of a value map as the text of the cells they stand for."""
    if not isinstance(mapping, dict):
        return mapping
    return {
        str(key).lower() if isinstance(key, bool) else str(key): mapping[key] for key in mapping
    }


def _as_words(values: Any) -> Any:
    """One word or several, as the text of the cells they stand for."""
    several = values if isinstance(values, list) else [values]
    return [str(value).lower() if isinstance(value, bool) else value for value in several]


ValueMap = Annotated[dict[str, Any], BeforeValidator(_words)]


class Strict(BaseModel):
    """A part of base.yml, which refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


MEASURES = ("median order value", "median articles per order")
LONGEST_FIRST = 12  # months with a bill that may judge a customer


def _as_months(value: Any) -> Any:
    """A whole number of months, as YAML reads it; `ValueError` with a line to write."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if value is None or (is_whole and 1 <= value <= LONGEST_FIRST):
        return value
    raise ValueError(
        f"takes a number of months from 1 to {LONGEST_FIRST}, not {str(value).lower()}; write it "
        "such as `segment: {first_bills: 3, b2b_from: 100}`"
    )


class SegmentRule(Strict):
    """How a customer's segment is known: one `value` for all, a mapped `column`, or a threshold.

    `column` with `values` maps words to B2B and B2C (`otherwise` takes the rest); `column` with
    `b2b_from` makes B2B of every customer whose number in that column is at least so large; with
    `legal_forms` of every customer whose name there has the legal form of a company; with `filled`
    of every one whose cell there is not empty, such as a tax number.
    `first_bills` with `b2b_from` makes B2B of every customer of a panel whose first bills are so
    large; see `src.data.first_bills`. `measure` with `b2b_from` makes B2B of every buyer of a log
    of orders who orders so much; see `src.features.buyer_segments`.
    """

    value: Literal["B2B", "B2C"] | None = None
    column: str | None = None
    values: ValueMap | None = None
    otherwise: Literal["B2B", "B2C"] | None = None
    b2b_from: float | None = None
    legal_forms: Literal[True] | None = None
    filled: Literal[True] | None = None
    measure: Literal["median order value", "median articles per order"] | None = None
    first_bills: Annotated[int | None, BeforeValidator(_as_months)] = None

    @model_validator(mode="after")
    def _one_way(self) -> SegmentRule:
        by_map = self.values is not None
        ways = [
            by_map,
            *(way is not None for way in (self.b2b_from, self.legal_forms, self.filled)),
        ]
        if [self.value, self.column, self.first_bills, self.measure].count(None) != 3:
            raise ValueError(
                "give one of `value`, `column`, `first_bills`, `measure`: write `segment: {value: "
                "B2C}`, `segment: {column: ..., values: {...: B2B}, otherwise: B2C}`, of a panel "
                "`segment: {first_bills: 3, b2b_from: 100}`, or of orders `segment: {measure: "
                f"{MEASURES[0]}, b2b_from: 150}}`"
            )
        has_bound = self.b2b_from is not None and 0 < self.b2b_from < float("inf")
        if self.first_bills and (sum(ways) != 1 or self.otherwise or not has_bound):
            raise ValueError(
                "`first_bills` needs `b2b_from` and nothing else, the money a month from which a "
                "customer is B2B, above 0: write `segment: {first_bills: 3, b2b_from: 100}`"
            )
        if self.measure and (sum(ways) != 1 or self.otherwise or not has_bound):
            raise ValueError(
                "`measure` needs `b2b_from` and nothing else, the number from which a buyer is "
                f"B2B, above 0: write `segment: {{measure: {self.measure}, b2b_from: 150}}`"
            )
        if self.value is not None and (any(ways) or self.otherwise):
            raise ValueError("`value` is for all customers and stands alone")
        if self.column is not None and sum(ways) != 1:
            raise ValueError(
                "`column` needs one of `values`, `b2b_from`, `legal_forms`, `filled`: write "
                "`values: {...: B2B}` with `otherwise: B2C`, `b2b_from: 5`, `legal_forms: true` or "
                "`filled: true`"
            )
        if self.otherwise and not by_map:
            raise ValueError("`otherwise` goes with `values`; the other rules leave nobody out")
        unknown = [word for word in (self.values or {}).values() if word not in SEGMENTS]
        if unknown:
            words = ", ".join(map(str, unknown))
            raise ValueError(f"`values` must lead to B2B or B2C, not to {words}")
        return self


class TrainingRule(Strict):
    """Which rows of the table snapshot models learn from; the others are the table `scored`."""

    column: str
    values: Annotated[tuple[str, ...], BeforeValidator(_as_words)] = Field(min_length=1)


class CancelledRule(Strict):
    """Which rows of orders are of a cancelled order, by words or the beginning of a cell.

    They are left out; `as: return` takes them for returns, whatever their sign.
    """

    column: str
    starts: Annotated[str, Field(min_length=1)] | None = None
    values: Annotated[tuple[str, ...], BeforeValidator(_as_words)] | None = None
    counts: Literal["return"] | None = Field(None, alias="as")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.starts is None) == (not self.values):
            raise ValueError(
                "`cancelled` takes `{column: status, values: [cancelled]}` or `{column: invoice, "
                "starts: C}`, with `as: return` where such rows take back an earlier order"
            )
        return self


def _as_rate(value: Any) -> Any:
    """A share above 0 and below 1, as YAML reads it; `ValueError` with a line to write."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if value is None or (is_number and 0 < value < 1):
        return value
    raise ValueError(
        f"must be a share above 0 and below 1, not {str(value).lower()}; write it such as "
        "`churn_rate: 0.02` for 2%"
    )


Rate = Annotated[float | None, BeforeValidator(_as_rate)]
