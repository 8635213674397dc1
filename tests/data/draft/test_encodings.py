"""In which encoding bytes are written."""

import pytest

from src.data.draft.encodings import encoding_of


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Kündigung;Köln;Größe\n", "cp1252"),
        ("Campaña;Región;Málaga;año\n", "cp1252"),
        ("Köln\n", "cp1252"),
        ("Дата;Выручка;Клиент\n", "cp1251"),
        ("код_клиента;тип\n1;ЮЛ\n2;ФЛ\n3;ЮЛ\n4;ФЛ\n", "cp1251"),
        ("Тип;юр лицо\n", "koi8_r"),
        ("ТП;физ лицо\n", "cp866"),
        ("Łódź;zażółć\n", "cp1250"),
        ("Číslo;Měsíc;Částka\n", "cp1250"),
        ("Città;Più;È così\n", "cp1252"),
        ("Müşteri Işık\n", "iso8859_9"),  # noqa: RUF001
        ("Дата;Köln\n", "utf-16"),
        ("Kunde;Köln\n", "utf-16-le"),
        ("Kunde;Köln\n", "utf-16-be"),
    ],
)
def test_letters_tell_the_encoding(text, encoding):
    assert encoding_of(text.encode(encoding))[0] == encoding


def test_a_letter_that_is_cut_at_the_end_is_still_utf_8():
    assert encoding_of("Größe Ä".encode()[:-1])[0] == "utf-8-sig"
    assert encoding_of("\ufeffGröße".encode())[0] == "utf-8-sig"
