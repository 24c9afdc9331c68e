from stormdesk.understand import fold, forms, stems


def test_what_looks_equal_is_equal() -> None:
    assert fold("ВСЁ\u200b  хорошо") == fold("все хорошо") == "все хорошо"
    assert fold("Ｓｂｅｒ") == "sber"
    assert fold("привет\ud83d") == "привет"


def test_stems_meet_across_forms() -> None:
    assert stems("Заказы не приходили").split()[0] == stems("заказа")
    assert stems("Waiting for orders") == "wait for order"
    assert stems("!!!") == ""


def test_a_brand_is_found_in_all_its_cases() -> None:
    assert {"вкусвилл", "вкусвилла", "вкусвиллом", "вкусвилле"} <= forms("ВкусВилл")
    assert {"газпром", "газпрома", "газпрому", "газпромом"} <= forms("Газпром")
    assert {"альфа банк", "альфа банка", "альфа банком"} <= forms("Альфа Банк")
    assert {"красное и белое", "красного и белого", "красном и белом"} <= forms("Красное и Белое")
    assert "ozon" in forms("Ozon")
    assert forms(" \u200b ") == set()
