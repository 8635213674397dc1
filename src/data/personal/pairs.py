"""Names of personal columns made of two short words: `BIRTH_DT`, `tel_mob`, `KtoNr`, `cc_num`.

Each kind has words of the thing and words that go with it. Any of the one beside any of the other,
in either order, names a personal column, unless a word that counts stands beside them too. Words
are written as `src.data.personal.words` writes them.
"""

from __future__ import annotations

from collections.abc import Iterator

_NUMBERS = (
    "number, no, nr, num, numb, nbr, nmbr, nummer, numero, nro, numer, nomer, nomeri, nomiri, "
    "numara, numarasi"
)
_DATES = (
    "date, dt, dte, dat, data, datum, day, fecha, fec, fch, f, d, tarih, tarihi, tar, trh, "
    "kuni, kun, "
    "place, ort, lieu, lugar, luogo, mesto, miejsce, plaats, yeri, zheri, local, city, ville, "
    "comune, gorod, miasto, stad, sehir, "
    "country"
)
_BETWEEN = ("", "de", "di", "of", "do")

# kind: words of the thing, words that go with it
PAIRS: tuple[tuple[str, str, str], ...] = (
    (
        "birth date",
        "birth, brth, bth, geb, geburt, geburts, geboorte, naissance, naiss, nais, nacimiento, "
        "nacim, nac, nascimento, nasc, nascita, urodzenia, urodz, ur, rozhdeniya, "
        "rozhden, rozhd, rojdeniya, rojd, rozd, dogum, dgm, tugan, tugan zhyly",
        _DATES,
    ),
    (
        "phone",
        "phone, phn, ph, tel, tlf, telf, telephone, telefon, telefona, telefonu, telefono, "
        "telefone, telefoon, fon, fone, mobile, mobil, mobiel, mob, mbl, cell, cellphone, cel, "
        "celular, cellulare, handy, movil, telemovel, portable, landline, fax, gsm, cep, ruf, "
        "komorka, komorki, komorkowy, sot, sotovyy, sotoviy, festnetz, mobilfunk, anschluss, "
        "abonne, abonent, "
        "abonenta, subscriber, subscr, subs, cli, calling, called, caller, callee, dialed, "
        "dialled, orig, originating, dest, destination, terminating, counterparty, other party, "
        "a, b, a party, b party, whatsapp, sms, iletisim, baylanys",
        _NUMBERS,
    ),
    (
        "phone",
        "tel, telefon, telefonu, telefony, telefono, telefone, telephone, phone",
        "mob, mobil, mobile, mobiel, mobilnyy, movil, cel, cell, celular, cep, portable, kom, "
        "komorkowy, sot, sotovyy, sotoviy, fixe, fijo, fisso, fixo, vast, dom, domashniy, rab, "
        "raboch, privat, priv, prive, gesch, dienst, kontaktowy, kontaktnyy, uyaly, ev, is, "
        "baylanys",
    ),
    (
        "name",
        "f, l, m, s, frst, fst, first, lst, last, mid, middle, sur, subscr, primer, primeiro, "
        "ultimo, primo, given, family, full, fl, payer, payee",
        "name, nm, nam, nome, nombre, nom, naam, isim",
    ),
    ("phone", "a, b, c, calling, called, other", "party, subscriber msisdn"),
    ("device", "sim, esim, sim card, imei, imsi, iccid, esn, meid, puk", f"{_NUMBERS}, code, sv"),
    (
        "bank account",
        "konto, konta, kto, account, acct, acc, compte, cuenta, cta, conto, conta, hesap, schet, "
        "scheta, rekening, rachunku, rach, card, crd, cc, credit card, debit card, karte, karty, "
        "kart, karta, karti, tarjeta, tarj, carta, carte, cartao, kaart, kreditkarten, iban",
        _NUMBERS,
    ),
    ("bank account", "routing, swift, transit", _NUMBERS),
    ("bank account", "debit, debito, credito, kredi", "card, tarjeta, karti, cartao"),
    (
        "identity card",
        "passport, pass, pasp, pasport, pasporta, paszport, paszportu, passeport, pasaporte, "
        "passaporto, paspoort, pasaport, reisepass, ausweis, perso, dowod, dowodu, kimlik, tc, "
        "tc kimlik, ehliyet, cni, cin, drv lic, dl, lic, licence, license, licencia, patente, "
        "permis, permiso, fuhrerschein, rijbewijs, prawo jazdy, pesel, snils, zhsn, iin, kualik, "
        "documento, doc, dokument, dokumentu, dokumenta, secu, secu sociale, securite sociale, "
        "social security, soz vers, sozvers, sozialversicherungs, sv, ss, identity, identiteits, "
        "citizen, resident, national, nat, natl",
        f"{_NUMBERS}, seriya, ser, serie, seria",
    ),
    ("identity card", "national, natl, nat, citizen, resident, civil, government, gov", "id"),
    (
        "tax number",
        "tax, tx, steuer, fiscal, vergi, vat, tva, iva, btw, nip, inn, contribuinte, nalog, "
        "tax payer, taxpayer, podatnika",
        f"{_NUMBERS}, id, identification",
    ),
    (
        "address",
        "house, haus, hs, huis, str, street, strt, dom, doma, domu, kapi, daire, uy, apartment, "
        "apt, flat, kvartira, kvartiry, kv, building, bldg, rue, calle, rua, ulica, ul, "
        "mieszkania",
        _NUMBERS,
    ),
    (
        "address",
        "address, addr, adr, adres, adresse, street",
        "service, install, line, ln, ligne, zeile, satiri, registracii, regist",
    ),
)

# The same for persons and papers, whose words are of many languages.
FURTHER: tuple[tuple[str, str, str], ...] = (
    (
        "name",
        "person, persona, pers, pessoa, personne, osoba, osoby, osobe, litso, lico, litsa, "
        "szemely, persoana, persoon, prsn, party, partner, kisi",
        "contact, kontakt, kontaktowa, kontaktni, contacto, contatto, contato, cont, authorized, "
        "authorised, autorizada, autorizado, autorizzata, autorizata, autorisee, autoris, auth, "
        "responsible, responsable, responsabile, responsavel, odpowiedzialna, odgovorna, resp, "
        "legal, legale, doverennoe, otvetstvennoe, upolnomochennoe, kontaktnoe, firmante, signing, "
        "zustandig, verantwortliche, bevollmachtigte, ansprech, anspr, yetkili, ilgili, emergency, "
        "notfall, urgence, emergencia, apoderada",
    ),
    (
        "name",
        "rep, repr, represent, representant, representante, rappresentante, resp, responsable, "
        "responsabile, responsavel, vertreter, vertretungsber, vertr, zeichnungsber, signer, "
        "signatory, signat, signataire, firmatario, gerant, dirigeant, admin, amm, dir, direktor",
        "legal, legale, leg, gesetzl, gesetzlich, authorized, authorised, auth, gen, gral, name, "
        "nm, nom, nombre, nome, person, delegato, unico, societe, empresa",
    ),
    ("name", "decision, entscheidungs", "maker, makers, trager, taker"),
    (
        "name",
        "ape, apellido, apell, nom, prenom, pren, cogn, cognome, surname, forename, vor, nach, "
        "ruf, geb, gebts, geburts, madchen, jf, jeune fille, nubile, soltera, devichya, maiden, "
        "fam, familien, achter, voor, imie, nazw, famil, imya, otch, otchestvo",
        "name, nm, naam, nome, nombre, nom, jf, pat, mat, pater, mater, paterno, materno, i, io, "
        "und name, et nom, y nombre, prenom, fam, klienta, abonenta",
    ),
    (
        "address",
        "address, addr, adr, adress, adresse, adres, adresa, adresy, anschr, anschrift, indirizzo, "
        "indir, direccion, direc, endereco, morada, osoite, aadress, cim, naslov, str, "
        "strasse, street",
        "rad, linje, zeile, zl, riga, linea, linha, linia, satir, rivi, sor, ln, row, street, "
        "strasse, rue, calle, via, rua, full, komplett, compl, complement, zusatz, fact, "
        "facturation, facturacion, facturatie, facturare, fatt, fatturazione, rechn, rechnung, "
        "rech, rg, re, odberu, dostavki, dost, install, instal, installation, installations, "
        "installazione, instalacion, instalacji, zamieszk, zameld, koresp, livr, liv, livraison, "
        "lief, liefer, envio, consegna, entrega, anschluss, sped, resid, residenza, residence, "
        "res, dom, domicile, domic, reg, prop, propiski, prozh, prozhiv, fakt, yur, pocht, ust, "
        "podkl, melde, haupt, wohn, hausnr, haus nr, house, num, nr, number, part, hnr",
    ),
    (
        "identity card",
        "permis, permiso, permesso, patente, patent, licencia, carnet, carne, prawo, prawa, vod, "
        "vodit, voditelskoe, voditelskie, vodit udost, ehliyet, driver, drivers, driving, drv, fs, "
        "fuhrersch, fuhrerschein",
        "conducir, conduire, conducere, conducao, conduccion, guida, jazdy, udost, udostoverenie, "
        "prava, lic, license, licence, permit, nr, num, no, n, numero, number, klasse nr",
    ),
    (
        "identity card",
        "kyc, id, ident, identity, identita, identite, identidad, legitimation, legitim, ausweis, "
        "personal, perso, pass, reisepass, passport, udostov, udostovereniya, lichnosti",
        "document no, document number, doc no, doc num, doc number, doc nr, document, doc, docnum, "
        "piece, dokument, dokument nr, nummer, nr, num, numero, karte, karte nr, ser, serie, "
        "seriya",
    ),
    ("identity card", "osobne, osobna, licne, licna, lichna", "broj, karta, karte, iskaznica, nr"),
    (
        "identity card",
        "ss, sec soc, secu, soz vers, sozialvers, sozialversicherungs, seg social, seg soc, "
        "securite, versicherten, renten vers, rentenvers, krankenvers, kv, rv",
        _NUMBERS,
    ),
    ("bank account", "cb, pan, kk, rib, cbu, clabe, bank, banque, banco, banca, bankv", _NUMBERS),
    (
        "bank account",
        "konto, kto, account, acct, acc, compte, cpte, cuenta, cta, conto, cc, card, karten, "
        "karte, carte, tarjeta, carta, iban, rachunku, konta, scheta, schet, bank",
        "inhaber, inh, holder, titulaire, titular, titolare, intestatario, "
        "intest, wlasciciel, vladelets, vladeltsa, last four, last 4, four, guichet, banque",
    ),
    (
        "user name",
        "login, logon, signin, sign in, inlog, webuser, web user, user, usuario, utente, "
        "utilisateur, benutzer, nutzer, polzovatel, acces, acceso, accesso, zugang, zugangs, "
        "anmelde, portal, espace client, area cliente, kabinet, kabineta, lk",
        "name, nm, naam, nom, nombre, nome, web, espace, espace client, kennung, kennwort, "
        "passwort, password, pwd, pw, parol, clave, code, daten, login, kabinet",
    ),
)


def pairs() -> Iterator[tuple[str, str]]:
    """Every phrase and its kind.

    >>> ("dt birth", "birth date") in set(pairs())
    True
    """
    for kind, things, others in (*PAIRS, *FURTHER):
        for thing in things.split(", "):
            for other in others.split(", "):
                for word in _BETWEEN:
                    yield " ".join(f"{thing} {word} {other}".split()), kind
                    yield " ".join(f"{other} {word} {thing}".split()), kind
