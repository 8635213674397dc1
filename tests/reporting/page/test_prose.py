from src.reporting.page.prose import short_money


def test_money_in_three_digits():
    assert [short_money(value) for value in (999.7, 5, 2.5e9)] == ["1 k", "5", "2.5 bn"]
