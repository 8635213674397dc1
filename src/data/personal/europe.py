"""Names of personal columns in further languages of Europe, beside those of `words` and `turkic`.

Czech, Slovak, Hungarian, Romanian, Swedish, Norwegian, Danish, Finnish, Greek, Croatian, Serbian,
Slovene, Bulgarian, Ukrainian, Lithuanian, Latvian, Estonian; national numbers of persons; and short
forms of databases. Written as `src.data.personal.words` writes them.
"""

from __future__ import annotations

SURE: dict[str, dict[str, str]] = {
    "identity card": {
        "numbers of persons": "krankenversicherten*, nr dow*, dow os*, aadhaar*, aadhar*, curp, "
        "rut, cedula*, ine, nuip, tax file*, soc sec*, soc security*, social sec*, szig szam*, "
        "szemelyi ig*, dow os, ser dow*, sv num, bsn*, burgerservice*, rodne cislo, rodne c, "
        "rc zakaznika, person nummer*, personnummer*, personnr, person nr, personnumer, "
        "fodselsnummer, fodselsnr, fodsels nr, fnr, cpr nummer*, cpr nr, cpr number, cpr no, "
        "amka, jmbg, emso, egn, taj szam*, tajszam*, taj kartya, szemelyi szam*, "
        "szemelyi igazolvany*, cod numeric personal, cnp, carte identitate, carte de identitate, "
        "buletin*, serie ci, nr ci, oib, pesel*, henkilotunnus, hetu, henkilonumero, sotu, "
        "isikukood, asmens kodas, personas kods, personal code, pers code, personal id*, "
        "personal identification*, personal identity*, nino, ni number, ni no, "
        "national insurance*, ssn*, pps number, ppsn, avs nummer*, avs nr, ahv nummer*, ahv nr, "
        "ahvn13, sozialversicherungsnr, svnr, sv nr, versichertennummer, rijksregisternummer*, "
        "rijksregisternr, numero registre national, numero national, nrn, insz, niss, nir numero, "
        "matricule national, numero identidad, documento identidad, numero documento, "
        "nro documento, nro doc, tipo documento numero, num doc, num documento, rnokpp, ipn, "
        "unzr, rnk, yedinyy identifikator, lichnyy nomer, identifikatsionnyy nomer, inn fl, "
        "inn fiz*, inn ip, kod podrazdeleniya, kem vydan*, data vydachi pasporta, osobni broj, "
        "osobna iskaznica, licna karta, broj licne karte, maticni broj, osebni dokument, "
        "lichna karta, nomer na lichna karta, osobni cislo, identifikacni cislo osoby",
        "papers": "obcansky prukaz*, cislo op, cislo obcanskeho*, obciansky preukaz, "
        "cestovni pas, cislo pasu, cislo dokladu, doklad totoznosti, ridicsky prukaz*, "
        "vodicsky preukaz, utlevel*, utlevelszam*, jogositvany*, vezetoi engedely, okmany*, "
        "igazolvany*, igazolvanyszam*, pasaport*, permis conducere, permis de conducere, "
        "permis auto, permis conduire, permis b, num permis, korkort*, korkortsnummer, "
        "korkortsnr, forerkort*, korekort*, passnummer, pass nr, passi numero, passinumero, "
        "ajokortti*, ajokortin numero, diavatirio*, arithmos diavatiriou, taftotita, tautotita, "
        "arithmos taftotitas, putovnica*, broj putovnice, broj pasosa, pasos, vozacka dozvola, "
        "vozacka, broj vozacke, potni list, vozniska dovoljenja, vozniska*, shofyorska knizhka, "
        "shofyorska*, pasport, posvidchennya*, vodiyske posvidchennya, patente guida, "
        "num patente, nr patente, carta conducao, carta de conducao, carteira motorista, cnh, "
        "carteira identidade, cartao cidadao, cc numero, rijbewijsnr, rijbewijs*, paspoortnr, "
        "idkaart*, id kaart*, drv lic*, driver lic*, drivers lic*, driving lic*, dl state, "
        "dl num, licence no driver, ausweis nr, perso nr, reisepass nr, fuhrerscheinnr, "
        "prawo jazdy*, seria dowodu, nr paszportu, numer paszportu, voditelskie*, voditelskoe*, "
        "vod udostoverenie, voter id, visa number, visa no, residence permit*, aufenthaltstitel*, "
        "titre de sejour, titre sejour, permesso soggiorno, permesso di soggiorno, karta pobytu, "
        "vnzh, vid na zhitelstvo, oms polis, polis oms, nomer polisa, health card*, "
        "health insurance no, krankenversicherungsnr, krankenversichertennummer, kvnr, "
        "tessera sanitaria, carte vitale, numero secu, n secu, nss",
    },
    "tax number": {
        "any": "afm, arithmos forologikou mitroou, dic zakaznika, dic, adoszam*, adoazonosito*, "
        "ado szam, ado azonosito*, cif firma, cui firma, cod fiscal, cod unic*, vatnr, steueridnr, "
        "steuer idnr, tin number, tin no, tfn, nif titular, nif cliente, num contribuinte, nr "
        "contribuinte, cod fisc*, cf cliente, cod fis, p iva cliente, ytunnus, y tunnus, "
        "organisationsnummer, org nummer, orgnr, cvr nummer, cvr nr, edrpou, bulstat, eik, pib, "
        "davcna stevilka, porezni broj, danovy identifikator, registracijas numurs",
    },
    "name": {
        "cs, sk": "prijmeni*, priezvisko*, jmeno*, krestni jmeno, krstne meno, meno a priezvisko, "
        "cele jmeno, cele meno, rodne prijmeni, rodne jmeno, titul pred, titul za, "
        "kontaktni osoba*, kontaktna osoba*, kont osoba, jednatel*, konatel*, "
        "statutarni zastupce, zastupce*, podepisujici*, majitel*, zmocnena osoba, odpovedna osoba",
        "hu": "vezeteknev*, csaladi nev*, csaladnev*, keresztnev*, utonev*, teljes nev*, leanykori "
        "nev*, szuletesi nev*, anyja neve*, anyja leanykori*, kapcsolattarto*, ugyfel neve, "
        "ugyfelnev*, elofizeto neve, nev elotag, ugyvezeto*, alairo*, kepviselo*, tulajdonos*, "
        "cegvezeto*",
        "ro": "prenume*, nume de familie, nume familie, nume complet*, nume si prenume, "
        "nume prenume, nume client*, nume abonat, nume contact, numele*, nume de fata, nume fata, "
        "nume mama, numele mamei, persoana de contact*, persoana contact*, pers contact, "
        "reprezentant*, reprezentant legal, administrator firma, semnatar*, imputernicit*, "
        "titular cont",
        "sv, no, da, fi": "fornamn*, efternamn*, mellannamn*, tilltalsnamn*, flicknamn*, "
        "kundnamn*, kontaktperson*, kontaktnamn*, fullstandigt namn, hela namnet, firmatecknare*, "
        "undertecknare*, fornavn*, etternavn*, efternavn*, mellomnavn*, mellemnavn*, pikenavn*, "
        "pigenavn*, kundenavn*, fullt navn, fulde navn, daglig leder, underskriver*, signatar*, "
        "etunimi*, etunimet, sukunimi*, kutsumanimi, tyttonimi, koko nimi, asiakkaan nimi, "
        "yhteyshenkilo*, allekirjoittaja*, toimitusjohtaja*, omistaja*, mors navn, moderens "
        "navn, mors namn, kjaelenavn, kaldenavn",
        "el": "onoma pelati, eponymo*, eponimo*, onomateponymo*, onomateponimo*, patronymo*, "
        "patronimo*, mitronymo*, ypefthynos*, ekprosopos*",
        "hr, sr, sl": "prezime*, priimek*, ime i prezime, ime prezime, ime in priimek, ime oca, "
        "ime majke, devojacko*, djevojacko*, dekliski*, dekliche*, devicke*, kontakt osoba, "
        "kontaktna osoba, kontaktna oseba, odgovorna osoba, zastupnik, ovlastena osoba, "
        "potpisnik*, podpisnik*, vlasnik*, lastnik*, nadimak",
        "bg, uk": "prezime, bashtino ime, sobstveno ime, familno ime, litse za kontakt, "
        "lice za kontakt, upravitel*, pylno ime, palno ime, trite imena, imena, prizvyshche*, "
        "prizvishche*, imya ta prizvyshche, pib abonenta, pib kliyenta, po batkovi, pobatkovi, "
        "kontaktna osoba, pidpysant*, kerivnyk*, vlasnyk*, divoche*",
        "lt, lv, et": "pavarde*, vardas pavarde, kontaktinis asmuo, uzvards*, vards uzvards, "
        "kontaktpersona*, perekonnanimi*, eesnimi*, taisnimi, kontaktisik*",
        "short": "signed by, authorised by, authorized by, podpisano kem, personne a contacter, "
        "gl bukh*, gl bukhgalter*, ape, zeichnungsber*, voorl, achternm, voornm, vnaam, anaam, "
        "vnm, nnm, decision maker, entscheider, entscheider name, authorised signer, name first, "
        "name last, first nm, cust name, cust nam, vorna, nachn, namev, namel, anred, koinh, "
        "ape nom, apenom, apell, nombres, titulaire cpte, tit cpte, nom titulaire, "
        "reports to name, assistant name, versicherungsnehm*, rechnungsempfang*, ansprechp*, "
        "familia i o, cntct prsn*, cntct nm, cont prsn, contact prsn, fam io, f io, gf name, "
        "gf vorname, gf nachname, ap name, ap vorname, ap nachname, ap email, ap tel, ap telefon, "
        "tekenbevoegde*, tekenbevoegd, gemachtigde*, vertegenwoordiger*, meisjesnaam, roepnaam, "
        "geboortenaam, aanhef naam, pelnomocnik*, reprezentant*, nazwisko*, nazw, panienskie, "
        "nazwisko panienskie, nazwisko rodowe, imie matki, imie ojca, drugie imie, podpisujacy*, "
        "sygnatariusz*, osoba upowazniona, osoba podpisujaca, quien firma, firmante*, nombre "
        "padre, nombre madre, nombre de la madre, nome madre, nome padre, nome da mae, nome do "
        "pai, nome de solteira, nome pai, nom mere, nom de la mere, nom marital, nom usuel, nom "
        "patronymique, nom epouse, nom dirigeant, nom signataire, nom gerant, nom interlocuteur, "
        "cognome nubile, nome da nubile, cognome da nubile, apellido soltera, apellido de "
        "soltera, contacto nombre, nombre titular, nombre abonado, procurador, signatario, "
        "assinante nome, cust nm, fml nm, surnm, fio*, fio kontakt*, devichya, podpisal, lpr, "
        "fio lpr, doverennoe litso, predstavitel*, imya otchestvo, i o f, soyadi*, kizlik*, imza "
        "yetkilisi, yetkili kisi, irtibat kisisi, vasi, tegi, salutation name, legal name "
        "person, father name, fathers name, spouse name, guardian name",
    },
    "phone": {
        "any": "telf, telfx, tel dienstl*, tel gesch*, assistant phone, reports to phone, mobiele "
        "nummer, mobiele, telefonszam*, mobilszam*, telefon szam, mobil szam, mobiltelefon*, "
        "vezetekes telefon, telefonni cislo, telefonne cislo, cislo telefonu, cislo mobilu, "
        "mobilni cislo, mobilni telefon, mobilne cislo, kontaktni telefon, numar telefon*, numar "
        "de telefon*, nr telefon*, numar mobil, telefon mobil, telefon fix, telefonnummer*, "
        "mobilnummer*, hemtelefon*, telefonnr, mobilnr, tlfnr, tlf nr, tlf mobil, tlf priv*, "
        "puhelin*, puhelinnumero*, matkapuhelin*, kannykka*, gsm numero, tilefono*, kinito*, "
        "arithmos tilefonou, broj telefona*, broj mobitela*, mobitel*, broj mobilnog*, "
        "telefonska stevilka, stevilka telefona, telefonen nomer*, mobilen nomer*, mobilen "
        "telefon, gsm nomer, nomer telefonu*, mobilnyy nomer*, mobilnyi nomer*, telefono "
        "numeris, telefona numurs, telefoninumber, mobiiltelefon*, faks, faks*, viber tel*, "
        "whatsapp tel*, tel contact, tel contacto, tel kontakt*, sotoviy*, sotovaya*, mobilka, "
        "nomer sot, gorodskoy tel*, tel sot, tel mob, tel rab, tel dom, kont tel*, kontakt tel*, "
        "contact tel*, contact mob*, phone cell, ph mobile, ph home, ph work, home ph, work ph, "
        "cell ph, e164, msisdn*, dialled nmbr, telefonnr*, ansagenr, telefonos, nro telefono, "
        "nro celular, numtel*, teltravail, tel bureau, tel fixe, tel pro, tel perso, mobile "
        "perso, mobile pro, telefoon thuis, telefoon werk, tel thuis, tel werk, mobiel, "
        "telemovel*, telef, tlm, contacto tel*",
    },
    "e-mail": {
        "any": "posta certificata, elektronnyy adres, smtp addr*, smtp*, chastnyy e mail, "
        "sahkoposti*, epost*, e post*, mejl*, mejladress*, epostadress*, e postadress*, "
        "emailova adresa, emailadresa, elektronicka posta, e mailova adresa, mailova schranka, "
        "e mail cim*, email cim*, emailcim*, drotposta, posta electronica, adresa email*, "
        "adresa mail*, adresa de email, adresa e mail, elektronska posta, e posta*, eposta*, "
        "elektronna poshta*, elektronen adres, imeyl*, imejl, el pasts, epasts, el pastas, "
        "elpastas, adr email, adr mail, eml addr, mail perso, mail pro, courriel*, boite mail, "
        "correo e*, correo elec*, correoe*, email contact*, email kontakt*, mail kontakt*, "
        "e mail prive",
    },
    "address": {
        "cs, sk": "ulice*, ulica*, bydliste*, trvale bydliste, adresa bydliste, adresa trvaleho*, "
        "bydlisko*, cislo popisne, cislo orientacni, cp co, psc, dorucovaci adresa, fakturacni "
        "adresa, korespondencni adresa, domovni cislo",
        "hu": "lakcim*, utca*, hazszam*, iranyitoszam*, irsz, cime*, szamlazasi cim*, "
        "levelezesi cim*, lakhely*, tartozkodasi hely*, emelet ajto, szekhely cim*, kozterulet*",
        "ro": "strada*, adresa domiciliu*, adresa de domiciliu, domiciliu*, adresa facturare*, "
        "adresa livrare*, adresa corespondenta, cod postal, nr strada, bloc scara, "
        "scara apartament, adresa client*",
        "sv, no, da, fi": "gatuadress*, gata, gatunamn, gatunummer, bostadsadress*, hemadress*, "
        "folkbokforing*, leveransadress*, fakturaadress*, postadress*, postnummer, postnr, "
        "gateadresse*, gatenavn, gatenr, veinavn, husnr, husnummer*, bostedsadresse*, vejnavn*, "
        "folkeregister*, bopal*, katuosoite*, osoite*, kotiosoite*, laskutusosoite*, "
        "toimitusosoite*, postinumero, lahiosoite*, katu, utdelningsadress*, utdeladr*",
        "el": "diefthynsi*, diefthinsi*, dieythynsi*, odos, odos arithmos, arithmos odou, "
        "tachydromikos kodikas, tk",
        "hr, sr, sl": "adresa stanovanja, prebivaliste*, boraviste*, kucni broj, postanski broj, "
        "naslov stalnega*, stalno prebivalisce, hisna stevilka, postna stevilka, adresa dostave, "
        "adresa prebivalista, ulica i broj, ulica in hisna",
        "bg, uk": "postoyanen adres, nastoyasht adres, postoianen adres, adresa prozhyvannya, "
        "adresa reyestratsiyi, adresa dostavky, vulytsya*, vulicya*, budynok*, poshtovyy indeks, "
        "poshtovyi indeks, kvartyra, poshtenski kod, ul nomer",
        "lt, lv, et": "gyvenamoji vieta, gatve, dzivesvieta*, elukoht*, aadress*, tanav, "
        "deklareta adrese",
        "short": "stras, pstlz, dir instal*, dir inst*, dir fact*, dir post*, kod poczt*, "
        "k poczt, num voie, no voie, n voie, korpus kvartira, korpus, dom korpus, kv, "
        "zameldowani*, adres zameld*, adres koresp*, adr zam, adr koresp, ikamet*, ikametgah*, "
        "adres propiski, adres prop*, adres reg*, adres fakt*, adres yur*, mesto registratsii, "
        "mesto prozhivaniya, adr dost*, adr prozh*, adr reg*, adr fact, adres podkl*, adres ust*, "
        "ul dom kv, ulica dom*, ulitsa dom*, dom kv, strasse nr, str hausnr, str hnr, hnr, "
        "hausnr zusatz, anschr*, lieferanschr*, rech anschr*, rechanschr*, re adresse, wohnadr*, "
        "meldeadresse*, domicilio*, dom fiscal, dom fisc*, direc, dir envio, dir facturacion, "
        "dir fiscal, direcc*, calle numero, num ext, num int, colonia calle, num via, nombre via, "
        "tipo via, escalera piso, piso puerta, via civico, ind residenza, indir, indir*, n civico, "
        "ncivico, morada*, cod postal, codpostal, porta andar, endereco*, end cobranca, end "
        "entrega, numero porta, complemento endereco, rua numero, rua num, woonadres*, "
        "postadres*, factuuradres*, bezoekadres*, huisnr*, toevoeging, straat huisnr, postbus, "
        "adr rue, adr voie, nom voie, type voie, numvoie, libelle voie, complement adresse, adr "
        "compl*, adr fact*, adr livr*, adr dom*, adresse dom*, address ln, addrln, addr ln, str "
        "addr, st addr, strt addr, street no, street num, street addr, mail addr line, "
        "residential addr*, residence addr*, perm addr*, bill addr*, ship addr*, postal addr*, "
        "apt no, apt num, unit no, uprn, letterbox",
    },
    "birth date": {
        "any": "naissance le, gebdt, gbdat, geb dat*, datum nar, dat narozeni, bday date, datum "
        "narozeni*, datum narodenia*, dat nar*, datnar*, misto narozeni, rok narozeni, miesto "
        "narodenia, szuletesi*, szul ido*, szulido*, szul datum*, szul hely*, data nasterii*, "
        "data nastere*, data de nastere, loc nastere, locul nasterii, anul nasterii, "
        "fodelsedatum*, fodelsear, fodelsedag*, fodd, fodselsdato*, fodselsdag*, fodselsar*, "
        "fodested, fodeland, syntymaaika*, syntymapaiva*, syntymavuosi*, imerominia gennisis*, "
        "gennisi*, datum rodenja*, datum rodjenja*, datum rojstva*, godina rodenja, mesto "
        "rodjenja, mjesto rodenja, kraj rojstva, data na razhdane*, rozhdena, rozhden, data "
        "narodzhennya*, misce narodzhennya, mistse narodzhennya, gimimo data*, dzimsanas "
        "datums*, sunniaeg*, sunnikuupaev*, birth year, birthyear, year of birth, yob, birth "
        "month, geburtsjahr, gebjahr, geb jahr, annee naissance, annee de naissance, ano "
        "nacimiento, ano nascimento, anno nascita, god rozhdeniya, rok urodzenia, geboortejaar, "
        "dogum yili, d rozhd*, dr klienta, data rozhd*, gebdat*, geb dt, geb am, d naiss, "
        "dnaiss*, fnac, f nac, fecnac*, dtnasc*, dnasc, datanasc*, dtnac*, data ur, dat ur, "
        "dataur, dob*, geb tag",
    },
    "bank account": {
        "any": "code guichet*, guichet*, num cb, bankn, bankl, bankkonto nr, c uctu, ucet cislo, "
        "cislo uctu*, cislo bankovniho uctu, cislo karty, bankovni ucet, bankove spojenie, "
        "bankovni spojeni, predcisli uctu, kod banky uctu, bankszamla*, bankszamlaszam*, "
        "szamlaszam*, kartyaszam*, bankkartya*, cont bancar*, cont iban, numar cont*, nr cont*, "
        "numar card*, nr card*, bankkonto*, bankgiro*, plusgiro*, clearingnummer, kontonr*, "
        "kontonummer*, kortnummer*, kortnr, tilinumero*, pankkitili*, korttinumero*, "
        "logariasmos trapezas, arithmos logariasmou, arithmos kartas, broj racuna*, ziro racun*, "
        "tekuci racun*, bankovni racun, bankovna smetka*, broj kartice*, stevilka racuna, "
        "transakcijski racun, stevilka kartice, bankov smetka, nomer na smetka, nomer na karta, "
        "bankivskyy rakhunok, nomer rakhunku, nomer kartky, rozrakhunkovyy rakhunok, "
        "saskaitos numeris, konta numurs, kontonumber, konto bankowe*, rachunek bank*, nr rach*, "
        "nr konta*, numer rach*, nr karty*, raschetny schet, rasch schet, rs klienta, bank schet, "
        "schet bank*, bik, korschet, nr kart, card last, last digits card, pan last, last card, "
        "masked pan, card mask*, cc exp, card exp*, card expiry, expiry card, pan masked, "
        "pan token, ccnum, cc last, cvv*, kartennr, karten nr, kk nummer, kreditkartennr, "
        "gultig bis karte, ccc cuenta, cuenta corriente, cta bancaria, cta cte, num cuenta, "
        "nro cuenta, nro tarjeta, num tarjeta, cbu, clabe, coordonnees bancaires, num compte, "
        "n compte, num carte, n carte, mandat sepa, sepa mandat*, mandatsreferenz, "
        "coord bancarie, num conto, n conto, num carta, nib, num cartao, nro conta, "
        "agencia conta, conta corrente, rekeningnr*, rek nr, bankreknr, kaartnr, hesap numarasi, "
        "banka hesap*, kart no, direct debit account, dd account, bank account*, bankacct*, "
        "bankacc*, acct num, acctnum, wallet address, paypal*",
    },
    "user name": {
        "any": "mot passe, mdp, clave acceso, clave web, code acces, inlognaam, "
        "login espace client, webuser, uzivatelske jmeno, prihlasovaci jmeno*, heslo, "
        "uzivatelske meno, felhasznalonev*, felhasznalo nev*, jelszo*, nume utilizator*, "
        "nume de utilizator, parola*, anvandarnamn*, losenord*, brukernavn*, passord*, "
        "brugernavn*, adgangskode*, kayttajatunnus*, kayttajanimi*, salasana*, onoma christi*, "
        "kodikos prosvasis, korisnicko ime*, lozinka*, uporabnisko ime, geslo*, "
        "potrebitelsko ime, potrebitel ime, parola, login korystuvacha, nom usager, "
        "identifiant web, identifiant connexion, login client*, login web*, login portal*, "
        "portal login, logowanie login, nazwa uzytk*, usuario web, usuario portal, usr nm, "
        "usrname, uname, userid login, password hash, pwd hash, passwd hash, pass hash, "
        "hash passw*, passwordhash, pwdhash, login lk, lk login, logn, user handle, pin kod*, "
        "pin cod*, security answer, secret answer, kodovoe slovo",
    },
    "device": {
        "any": "device mac, mac adr*, mac adresse*, macadr*, cpe mac*, modem mac*, router mac*, "
        "wlan mac*, mac wlan, eth mac, mac id, stb mac*, stb serial*, cpe serial*, cpe sn, ont "
        "serial*, ont sn, router serial*, router sn, modem sn, modem serial*, device sn, sn "
        "device, sn router, serial nr, serial no, serialno, seriennr*, serien nr, sn nummer, num "
        "serie, nro serie, n serie, nr seryjny, numer seryjny, seriove cislo, sorozatszam*, "
        "numar serie, serienummer*, sarjanumero*, serijski broj*, serijska stevilka, seriyen "
        "nomer*, sim nr*, sim karte*, sim kartya*, sim karta*, sim kaart*, simkarten*, sim "
        "kort*, numero sim*, num sim, nro sim, n sim, karta sim*, cislo sim*, eid esim, esim "
        "eid, esim iccid, iccid*, imsi*, imei*, tmsi, device uuid, uuid device, android ad id, "
        "push token device, device fingerprint*, idfv, hwid, vehicle vin",
    },
    "social account": {
        "any": "fb profil*, fb url, fb link, fb name, fb username, fb account, insta id, "
        "insta name, insta nick, insta handle, ig handle, ig user*, instagram user*, "
        "instagram nick*, instagram url, twitter user*, x username, tiktok user*, telegram user*, "
        "telegram*, tg nick*, tg user*, tg handle, vk url, vk link, vk page, vk account, "
        "odnoklassniki*, ok id profile, linkedin*, li profile, xing*, skype*, snapchat*, "
        "discord*, youtube channel url, wechat*, icq, messenger id, mastodon*, threads handle, "
        "profil facebook, compte facebook, compte twitter, perfil facebook, cuenta instagram, "
        "facebook user*, facebook nam*, fb messenger*, soc seti",
    },
    "ip address": {
        "any": "last ip, ip last, ip login, ip wan, wan ip, ip public, public ip, static ip, "
        "ip static, ip klienta, ip abonenta, ip client*, ip user, ip cim*, ip adresa*, "
        "ip osoite*, ip cpe, cpe ip, ip v, ipv, ipaddr*, reg ip, ip reg*, signup ip, session ip",
    },
    "coordinates": {
        "any": "zemepisna sirka, zemepisna delka, szelessegi fok, hosszusagi fok, latitudine, "
        "longitudine, latitud, longitud, breddgrad, langdgrad, leveysaste, pituusaste, "
        "geografska sirina, geografska duzina, zemljepisna sirina, zemljepisna dolzina, "
        "szerokosc geo*, dlugosc geo*, szer geo*, dl geo*, geo breite, geo lange, geobreite, "
        "geolange, breite geo, lange geo, koord x, koord y, x koord*, y koord*, x coord*, y "
        "coord*, coord lat*, coord lon*, coord gps, coordenada*, coordinata*, coordonnee*, "
        "koordinata*, home lat*, home lon*, home lng, address lat*, address lon*, lat home, lon "
        "home, shir, dolg, shirota*, dolgota*, enlem, boylam, gps*, what3words, easting, "
        "northing, plus code",
    },
}

PLAIN: dict[str, dict[str, str]] = {
    "identity card": {
        "any": "patente, cpr, taj, rc, nie, nif, dni, hkid, nid, niss, inps, edipi",
    },
    "name": {
        "any": "nev, nume, navn, namn, nimi, ime, jmeno, meno, onoma, prezime, tulaj, majitel, "
        "eier, ejer, agare, lastnik, vlasnik, sobstvenik, cntct, wlasc, nazw, nimetus, vardas, pib",
    },
    "phone": {
        "any": "tlf, puh, matkap, mobitel, kinito, telefonas, mobilni, gsm, stathero, telefonok, "
        "viber, whatsapp",
    },
    "address": {
        "any": "adresa, adresse, adress, cim, naslov, gata, vej, vei, katu, ulice, odos, strada, "
        "vulytsya, trvale, bostad, addr ln, morada, lakas, adres, registratsii, propiski",
    },
    "birth date": {
        "any": "born, geboren, narozeni, narodenia, nasterii, fodsels, rodjenja, rodenja, rojstva, "
        "gennisis, dr, ddn, bday, narodzhennya",
    },
    "e-mail": {
        "any": "mejl, epost, posta, mel, imejl, sposti",
    },
    "bank account": {
        "any": "pan, cuenta bancaria, rachunek, tili, smetka, ucet, ccc, nib, rs",
    },
    "coordinates": {
        "any": "shir, dolg, enlem, boylam",
    },
    "user name": {
        "any": "heslo, identifiant, parola, kennung, pin, usr, uzivatel, felhasznalo",
    },
    "device": {
        "any": "mac, sn, iccid, eid, puk, icc",
    },
    "social account": {
        "any": "insta, tg, nick, twitter, instagram, facebook, tiktok, vkontakte, odnoklassniki, "
        "youtube, x handle",
    },
}

BESIDE: dict[str, str] = {
    "of whom": "zakaznik*, zakaznika, ucastnik*, ucastnika, uzivatele, odberatel*, ugyfel, "
    "elofizeto, vevo, ceg, cegnev, abonat*, abonatului, clientului, clienti, kund, kunde, "
    "kunden, kundens, abonnent*, foretag, bedrift, firma, asiakas, asiakkaan, tilaaja, "
    "yritys, pelati, syndromiti, etaireias, korisnik*, korisnika, klijent*, pretplatnik*, "
    "kupac, kupca, stranke, narocnik*, tvrtke, podjetja, kliyent*, kliyenta, abonata, "
    "potrebitel*, klientui, klienta, kliendi, titulaire, titolare, titular, tit, intest, "
    "intestatario, cli, abo, abon, fl, ul, fizl*, yurl*, fizlitsa, yurlitsa, pracovni, "
    "soukromy, domu, otthoni, munkahelyi, acasa, serviciu, hem, arbete, privat, jobb, koti, "
    "tyo, ergasias, privatni, kucni, sluzbeni, domacnost",
    "what of it": "known, tech, technik, technique, tecnico, tecnica, tehn, rif, resp, rech, "
    "rechn, fatt, original, na, za, w, z, k, pro, til, af, voor, bij, en, und, et, oder, kto, "
    "kont, konta, privat, gesch, geschaeftl, empresa, societe, azienda, hh, haushalt, "
    "vertragspartner, vp, vn, ag, auftraggeber, besteller, acheteur, payeur, pagador, "
    "pagatore, platelshchik, zakazchik*, zakazchika, souscripteur, contractant, contraente, "
    "contratante, inquilino, bewohner, mieter, empf, absender, assistant, other, dienstl*, "
    "chastnyy, chastnaya, lichnyy, lichnaya, szam, szama, cislo, cislem, numar, numarul, "
    "nummer, numero, arithmos, broj, stevilka, nomer, nomeri, numeris, numurs, kod, kodas, "
    "kods, cod, issue, issued, issuer, expiry, expires, exp, expiration, authority, digits, "
    "masked, mask, hash, hashed, vystaveni, vydan, vydachi, kem, kiallitas, eliberat, seria, "
    "serie, ser, oso, osoby, osobe, henkilon, uri, url, link, kontakt*, contact*, con, kapcs, "
    "fact, livr, fakt, faktur*, fakturacni, korespondencni, dorucovaci, szamlazasi, "
    "levelezesi, facturare, livrare, corespondenta, dostavky, zameldowania, zamieszkania, "
    "korespondencji, prozhivaniya, domicil, domiciliu, permanent, perm, trvale, cp, co, nr, "
    "full, ln, line, ext, ergz, zusatz, toev, toevoeging, komplett, fisico, fisica, lk",
}
