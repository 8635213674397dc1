"""Words of Turkish and Kazakh names of columns, as `src.data.personal.words` has the others."""

from __future__ import annotations

SURE: dict[str, dict[str, str]] = {
    "phone": {"tr, kk": "cep telefon*, ev telefon*, is telefon*, uyaly telefon*, uyaly nomir*"},
    "name": {
        "tr": "soyad*, soyisim*, soyismi, ad soyad*, adi soyadi, isim soyisim, kizlik soyadi, "
        "anne adi, baba adi, musteri adi, ilgili kisi, yetkili kisi, adsoyad",
        "kk": "tegi, esimi, aty zhoni, akesinin aty, akesi, zhoni, tolyk aty, aty tegi",
    },
    "e-mail": {"tr, kk": "eposta*, e posta*, elektrondyk poshta, poshtasy"},
    "address": {
        "tr": "acik adres, adres satiri, ev adresi, is adresi, sokak*, cadde*, mahalle*, posta "
        "kodu",
        "kk": "mekenzhay*, meken zhay*, mekenzhai*, mekenjay*, koshe*",
    },
    "identity card": {
        "tr": "tckn, tc kimlik*, tc no, tcno, tckimlik*, kimlik no*, kimlik seri*, "
        "nufus cuzdan*, pasaport*",
        "kk": "zhsn, iin, zheke kualik*, zheke sajkestendiru*, zheke saykestendiru*, tolkuzhat*",
    },
    "tax number": {"tr": "vergi kimlik*, vkn"},
    "birth date": {
        "tr, kk": "dogum tarih*, dogum gunu, dogum yeri, tugan kuni, tugan zheri, tugan zhyly"
    },
    "bank account": {"tr": "kart numarasi, hesap numarasi, kredi karti"},
    "user name": {"tr": "kullanici adi, sifre, parola"},
}

PLAIN: dict[str, dict[str, str]] = {
    "phone": {"tr": "cep, telefonu"},
    "name": {"tr": "ad, adi, isim, ismi, yetkili", "kk": "aty"},
    "address": {"tr": "adresi"},
    "identity card": {"tr": "kimlik"},
}

BESIDE: dict[str, str] = {
    "tr": "musteri, musterinin, abone, kullanici, sirket, firma, ev, is, bilgisi, bilgi, ana, "
    "no, "
    "anne, baba, fatura, teslimat, iletisim",
    "kk": "klienttin, abonenttin, tutynushy, uy, zhumys",
}
