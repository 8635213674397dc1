import pandas as pd
import pytest

from src.reporting.churn import all_segments as words

LOSS = {"all": 0.3, "B2B": 0.15, "B2C": 0.31}


def found(*, own: float = 0.14, noise: bool = False) -> pd.DataFrame:
    rows = []
    for segment, loss in LOSS.items():
        models = {"one for all": loss} | ({"own": own} if segment == "B2B" else {})
        best = min(models, key=lambda name: models[name])
        for model, value in models.items():
            gap = value - models[best]
            ends = (-0.001, 0.02) if noise else (gap - 0.001, gap + 0.001)
            rows.append(
                (segment, model, "auc", 0.8, 0.75, 0.85, 0.0, 0.0, 0.0, model == best, False)
            )
            rows.append(
                (segment, model, "log_loss", value, value, value, gap, *ends, model == best, noise)
            )
    columns = ["segment", "model", "metric", "value", "low", "high", "difference"]
    columns += ["difference_low", "difference_high", "is_best", "in_noise"]
    return pd.DataFrame(rows, columns=columns).assign(customers=900, churners=90)


def test_the_table_has_a_row_per_segment_and_model():
    table = words.segments_table(found())
    assert table[["segment", "model"]].to_numpy().tolist() == [
        ["all", "one for all"],
        ["B2B", "own"],
        ["B2B", "one for all"],
        ["B2C", "one for all"],
    ]
    assert table["auc"].unique().tolist() == ["0.800 (0.750 to 0.850)"]
    assert table["customers"].tolist() == [900] * 4


@pytest.mark.parametrize(
    ("frame", "ending"),
    [
        (
            found(),
            " In B2B the model of B2B alone has the lower log loss, by 0.0100 "
            "(+0.0090 to +0.0110).",
        ),
        (
            found(own=0.152, noise=True),
            " In B2B the model for all has the lower log loss, by 0.0020 (-0.0010 to +0.0200), "
            "within the noise.",
        ),
    ],
)
def test_the_sentence(frame, ending):
    assert words.segments_sentence(frame, "B2B") == (
        "The AUC of one model for all is 0.800 (0.750 to 0.850) over all, 0.800 (0.750 to 0.850) "
        "in B2B and 0.800 (0.750 to 0.850) in B2C." + ending
    )


def test_without_a_segment_there_is_nothing_to_compare():
    assert words.segments_sentence(found(), "").endswith("in B2C.")


def test_metrics_are_those_of_the_model_for_all():
    metrics = words.segment_metrics(found())
    assert metrics["segment.b2b.log_loss"] == 0.15
    assert metrics["segment.all.auc"] == 0.8
    assert len(metrics) == 6
