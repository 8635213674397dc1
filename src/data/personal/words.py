"""Words by which the names of personal columns are recognised, by kind and language.

Entries are separated by commas and written without accents and in Latin letters, as
`src.data.personal.names` folds a name before it looks: `Geschäftsführer` and `geschaeftsfuehrer`
are one word, `телефон` is `telefon`. A star at the end stands for any ending.
"""

from __future__ import annotations

# Nothing else is called so: the word is enough, unless a word of MEASURES stands beside it.
SURE: dict[str, dict[str, str]] = {
    "phone": {
        "any": "msisdn*, gsm number, sim number, whatsapp number, viber number",
        "en": "phone number*, phone no, phonenumber*, telephone number*, mobile number*, mobile "
        "phone number, cell number, cell phone number, fax number, contact number, calling "
        "number, caller number, caller id, contact no, sms number",
        "de": "telefonn*, telefonbuch*, rufnummer*, handynummer, handynr, mobilnummer, mobilnr, "
        "mobilfunknummer, faxnummer, durchwahl, festnetznummer",
        "fr": "numero de telephone, numero telephone, numero portable, num tel, numtel",
        "es": "numero de telefono, numero telefono, numero movil, numero celular",
        "it": "numero di telefono, numero telefono, numero cellulare, recapito telefonico",
        "ru": "nomer telefona, nomer abonenta, abonentskiy nomer, kontaktnyy telefon*, nomer "
        "mobilnogo, nomer mobilnogo*, mobilnyj telefon, mobilnyy telefon",
        "pt, pl, nl": "numero de telefone, numero telemovel, numer telefonu, numer komorkowy, nr "
        "telefonu, nr tel, telefoonnummer, mobielnummer, gsmnummer",
    },
    "device": {
        "any": "imsi*, imei*, iccid*, meid, esn, udid, android id, wifi mac, bluetooth mac, "
        "eid sim, euicc, mac address, mac addr, idfa, gaid, "
        "aaid, advertising id, device serial, sim serial*, cookie id, serial number, "
        "seriennummer, geratenummer, puk, sim card number, simkartennummer, numero de serie, "
        "numero di serie, seriynyy nomer*, device id, sim nummer, nomer sim, icc id",
    },
    "bank account": {
        "any": "iban*, swift code, bic code, bankleitzahl, blz",
        "en": "bank account*, account number, account no, acct no, acct number, accountnumber, "
        "credit card number, ccnumber, card number, card no, cardnumber, debit card number, "
        "sort code, "
        "routing number, cvv, cvc, card holder, cardholder, account holder, cc number, card pan, "
        "bank acc, bank acct, bank acc no, bank details",
        "de": "kontonummer, kontonr, bankverbindung, kreditkartennummer, kreditkartennr, "
        "kartennummer, kontoinhaber*, bankkonto, karteninhaber, kreditkarte, bankdaten",
        "fr": "compte bancaire, numero de compte, numero compte, rib, carte bancaire, numero de "
        "carte, numero carte, titulaire du compte, titulaire compte",
        "es": "cuenta bancaria, numero de cuenta, numero cuenta, numero de tarjeta, numero "
        "tarjeta, titular cuenta, titular de la cuenta",
        "it": "conto corrente, numero conto, numero di conto, numero carta, numero di carta, "
        "coordinate bancarie, intestatario*",
        "ru": "raschetnyy schet, raschetnyi schet, rs schet, nomer scheta, bankovskiy schet, "
        "nomer karty, bankovskaya karta, litsevoy schet, korr schet, nomer bankovskoy karty, "
        "r s, "
        "r schet",
        "pt, pl, nl": "conta bancaria, numero da conta, numero do cartao, numer konta, nr konta, "
        "numer rachunku, rachunek bankowy, numer karty, rekeningnummer, bankrekening, "
        "kaartnummer",
    },
    "name": {
        "en": "surname, last name, first name, middle name, given name, family name, forename, "
        "maiden name, full name, christian name, patronymic, person name, mother s maiden name, "
        "contact person*, contact name, name of contact, contactperson, decision maker name, "
        "managing director*, general director*, chief executive*, legal representative, "
        "authorised representative, authorized representative, authorised person, authorized "
        "person, signatory, authorised signatory, next of kin, beneficial owner, ultimate owner, "
        "chief accountant, middle initial*, display name, sales rep*, voice print*, photo url*, "
        "maidenname, nickname, nick name, emergency contact",
        "de": "vorname*, nachname*, nachn, vorn, familienname*, zuname, geburtsname, "
        "madchenname, "
        "ansprechpartner*, kontaktperson*, geschaftsfuhrer*, geschaftsinhaber*, firmeninhaber*, "
        "inhabername, prokurist*, zeichnungsberechtigt*, bevollmachtigt*, kundenname, rufname, "
        "vollstandiger name, sachbearbeiter*, betreuername, unterschriftsberechtigt*, "
        "vertretungsberechtigt*, gesetzlicher vertreter, geschaftsfuhrung, kontoinhaber name",
        "fr": "prenom*, nom de famille, nom et prenom, nom complet, nom client, nom du client, "
        "nom de naissance, nom usage, nom jeune fille, nom de jeune fille, raison sociale, "
        "personne de "
        "contact, personne contact, interlocuteur, representant legal, dirigeant*, gerant, "
        "signataire, pdg, nom contact, nom du contact, directeur general",
        "es": "apellido*, primer apellido, segundo apellido, nombre completo, "
        "nombre y apellido*, "
        "nombre cliente, nombre del cliente, nombre de pila, persona de contacto, persona "
        "contacto, representante legal, razon social, firmante, ape paterno, ape materno, "
        "apellido paterno, apoderado, director general, "
        "nombre contacto",
        "it": "cognome*, nome e cognome, nome completo, nome cliente, nome del cliente, "
        "nominativo, ragione sociale, persona di contatto, referente, rappresentante legale, "
        "legale rappresentante, firmatario, amministratore delegato, nome contatto, nome di "
        "battesimo, direttore generale",
        "ru": "familiya*, fam im otch, im otch, familia, otch, familija, otchestvo, otchestva, "
        "fio, f i o, kontaktnoe litso, "
        "kontaktnoye litso, kontaktnoe lico, generalnyy direktor*, gendirektor*, gen direktor, "
        "rukovoditel*, podpisant*, imya klienta, imya i familiya, polnoe imya, predstavitel, "
        "otvetstvennoe litso, glavnyy bukhgalter, glavbukh, uchreditel*, imya abonenta, devichya "
        "familiya, naimenovanie klienta, naimenovanie organizatsii, upolnomochennoe litso, "
        "benefitsiar*, gen dir",
        "pt, pl, nl": "apelido, sobrenome, nome completo, pessoa de contato, pessoa de contacto, "
        "nazwisko, imie i nazwisko, imie nazwisko, osoba kontaktowa, osoba do kontaktu, "
        "achternaam, voornaam, voornamen, voorletters, imiona, contactpersoon, volledige naam, "
        "tussenvoegsel, bestuurder",
    },
    "e-mail": {
        "any": "email address*, email client*, e mail address*, emailaddress, mail address*, "
        "emailadresse*, "
        "email addr, e mail addr, mail addr, email adresse*, mail adresse*, mailadresse*, e mail "
        "adresse*, emailid, email id",
        "fr": "adresse mail, adresse email, adresse e mail, courriel, adresse electronique, "
        "adresse de messagerie, mel",
        "es": "correo electronico, direccion de correo, direccion correo, direccion email",
        "it": "posta elettronica, indirizzo email, indirizzo mail, indirizzo e mail, pec",
        "ru": "elektronnaya pochta, elektronnoy pochty, el pochta, adres elektronnoy pochty, "
        "pochtovyy yashchik, e pochta, adres el pochty, el adres, mylo",
        "pt, pl, nl": "correio eletronico, endereco de email, poczta elektroniczna, adres email, "
        "adres e mail, e mailadres, emailadres",
    },
    "address": {
        "en": "address line*, street address*, street name, house number, house no, building "
        "number, flat number, apartment number, apartment no, flat no, post code, postcode*, "
        "postal code, zip code, zipcode, zip, home address, po box, full address",
        "de": "strasse*, str nr, hausnummer*, hausnr*, haus nr, haus nummer, postleitzahl*, "
        "plz*, "
        "anschrift*, wohnort, wohnadresse, rechnungsadresse, lieferadresse, rechnungsanschrift, "
        "lieferanschrift, postfach, adresszeile, adresszusatz",
        "fr": "code postal, numero de rue, numero rue, nom de rue, nom rue, boite postale, "
        "adresse postale, lieu de residence",
        "es": "codigo postal, direccion postal, domicilio*, numero de casa, piso puerta, "
        "direccion de envio, direccion de facturacion, calle y numero",
        "it": "codice postale, indirizzo*, numero civico, residenza, cap residenza",
        "ru": "pochtovyy indeks, nomer doma, nomer kvartiry, ulitsa*, mesto zhitelstva, adres "
        "prozhivaniya, yuridicheskiy adres, fakticheskiy adres",
        "pt, pl, nl": "codigo postal, endereco*, morada, cep, kod pocztowy, ulica, numer domu, "
        "nr "
        "domu, numer mieszkania, adres zamieszkania, straat*, huisnummer*, woonplaats, "
        "straatnaam",
    },
    "coordinates": {
        "any": "latitude*, longitude*, lat lon, lat long, lat lng, latlong, latlng, geo lat, geo "
        "lon, geo lng, geo long, gps*, geolocation, geo location, geo point, geopoint, "
        "coordinates, geo coordinates, geocoordinates, coord x, coord y, breitengrad, "
        "langengrad, "
        "geokoordinaten, koordinaten, coordonnees gps, coordonnees geographiques, latitud, "
        "longitud, coordenadas, latitudine, longitudine, shirota, dolgota, koordinaty, szerokosc "
        "geograficzna, dlugosc geograficzna",
    },
    "identity card": {
        "en": "passport*, id card*, identity card*, identity number, identity document*, "
        "national "
        "id*, id document*, document number, driver license*, driving license*, "
        "drivers license*, "
        "driver licence*, driving licence*, license plate, licence plate, plate number, social "
        "security number, social security no, national insurance number, resident id, id number, "
        "id no, nhs number, personal number, vin number",
        "de": "ausweis*, personalausweis*, reisepass*, passnummer, passnr, ausweisnr, "
        "fuhrerschein*, kfz kennzeichen, sozialversicherungsnummer*, sv nummer, svnr, "
        "rentenversicherungsnummer, nummernschild",
        "fr": "passeport, numero passeport, carte identite, carte d identite, piece identite, "
        "piece d identite, permis de conduire, numero securite sociale, numero de securite "
        "sociale, securite sociale, immatriculation, plaque immatriculation, n securite sociale",
        "es": "pasaporte, carnet de identidad, documento de identidad, documento identidad, "
        "permiso de conducir, numero seguridad social, seguridad social, dni, cedula, curp, "
        "numero de documento, tarjeta de identidad",
        "it": "passaporto, carta di identita, carta d identita, carta identita, "
        "numero documento, "
        "documento di identita, documento identita, patente di guida, numero patente, tessera "
        "sanitaria, tessera, numero tessera",
        "ru": "pasport*, seriya pasporta, nomer pasporta, udostoverenie lichnosti, snils*, "
        "voditelskoe udostoverenie, voditelskie prava, dokument udostoveryayushchiy lichnost, "
        "nomer dokumenta, gos nomer, gosnomer",
        "pt, pl, nl": "passaporte, cartao de cidadao, cartao cidadao, bilhete de identidade, "
        "paszport, dowod "
        "osobisty, numer dowodu, nr dowodu, pesel, paspoort*, identiteitskaart, rijbewijs, bsn, "
        "burgerservicenummer",
    },
    "tax number": {
        "any": "ssn*, itin, social security",
        "en": "tax id*, tax number, tax no, tax code, taxid, taxpayer id*, taxpayer number, vat "
        "id*, vat number, vat no, vat code, vatid, vatnumber, company registration number, "
        "registration number, commercial register number",
        "de": "steuernummer*, steuernr, steuer id*, steuer nr, steueridentifikationsnummer, "
        "steuerid, ust id*, ustid*, umsatzsteuer id*, ust idnr, umsatzsteueridentnummer, "
        "handelsregisternummer, hrb, u st id, u st idnr, u st nr",
        "fr": "numero fiscal, identifiant fiscal, numero tva, numero de tva, tva "
        "intracommunautaire, siret, siren, num tva",
        "es": "nif, cif, rfc, numero fiscal, identificacion fiscal, numero de identificacion "
        "fiscal, nie",
        "it": "codice fiscale, partita iva, p iva, piva, cod fiscale, cod fisc, cf piva, codfisc",
        "ru": "identifikatsionnyy nomer nalogoplatelshchika, ogrn, ogrnip, kod "
        "nalogoplatelshchika, okpo",
        "pt, pl, nl": "numero de contribuinte, cpf, cnpj, numer nip, regon, krs, btw nummer, "
        "btwnummer, kvk nummer, kvk",
    },
    "birth date": {
        "en": "dob, b day, bday, birth date, birthdate, date of birth, dateofbirth, birthday*, "
        "birth day, "
        "place of birth, birth place, birthplace, d o b, born on, date birth",
        "de": "geburtsdatum, geburtstag*, geburtsort, geb datum, gebdatum, geb dat, geboren am",
        "fr": "date de naissance, date naissance, lieu de naissance, lieu naissance, "
        "datenaissance, ne le",
        "es": "fecha de nacimiento, fecha nacimiento, lugar de nacimiento, lugar nacimiento, "
        "fecha nac, cumpleanos",
        "it": "data di nascita, data nascita, luogo di nascita, luogo nascita, datanascita, "
        "compleanno",
        "ru": "data rozhdeniya, data rozhdenia, mesto rozhdeniya, den rozhdeniya, "
        "datarozhdeniya, "
        "rozhdeniya",
        "pt, pl, nl": "data de nascimento, data nascimento, aniversario, data urodzenia, miejsce "
        "urodzenia, geboortedatum, geboorteplaats, verjaardag",
    },
    "user name": {
        "any": "username*, user name, user login, login name, loginname, userlogin, password*, "
        "passwd, pwd, passwort, kennwort, mot de passe, contrasena, parol, haslo, wachtwoord, "
        "benutzername, nutzername, anmeldename, benutzerkennung, nom d utilisateur, nom "
        "utilisateur, identifiant de connexion, nombre de usuario, nombre usuario, nome utente, "
        "imya polzovatelya, nazwa uzytkownika, gebruikersnaam, screen name, account name, "
        "accountname, secret question, security question, codeword, kodovoe slovo, pin code, "
        "pincode",
    },
    "social account": {
        "any": "facebook id, facebook profile*, facebook url, facebook account, facebook link, "
        "fb "
        "id, twitter id, twitter handle, twitter account, twitter name, x handle, linkedin*, "
        "instagram id, instagram handle, instagram account, instagram name, insta handle, tiktok "
        "handle, tiktok id, skype*, telegram id, telegram handle, telegram account, telegram "
        "name, telegram nick, tg id, tg username, vk id, vk profile, vkontakte, wechat id, "
        "whatsapp id, viber id, social id, social profile, social media id, social media handle, "
        "social media account, social media profile, social handle, social network id, "
        "google id, "
        "apple id, xing profil*, xing profile, profile url, profil url",
    },
    "ip address": {
        "any": "ip address*, ip addr, ipaddress, ip adresse*, ipadresse, ipaddr, ipv, "
        "adresse ip, "
        "direccion ip, indirizzo ip, ip adres*, adres ip, login ip, client ip, remote addr, "
        "remote address, host ip, user ip, source ip, src ip, remote ip, ip v",
    },
}

# Common words: enough only if every other word of the name is one of BESIDE, or personal too.
PLAIN: dict[str, dict[str, str]] = {
    "phone": {
        "en": "phone, telephone, mobile, mobile phone, cell, cell phone, cellphone, tel, fax, "
        "landline, subscriber number",
        "de": "telefon, telefax, handy, mobiltelefon, mobil, fon",
        "fr": "telephone, tel, portable, telephone portable, fixe, gsm, mobile",
        "es": "telefono, telefonos, movil, celular, telefono movil, tlf, tfno, telf, tfn",
        "it": "telefono, cellulare, cell, recapito, telefono fisso",
        "ru": "telefon, telefona, telefony, mobilnyy, mobilnyi, mob, sotovyy, tel, nomer abon",
        "pt, pl, nl": "telefone, telemovel, celular, telefon, komorka, telefonu, telefoon, "
        "mobiel, gsm, tel",
    },
    "e-mail": {
        "any": "eml, email, e mail, mail, correo, pochta, imeyl, mailbox, epost, poczta, emails",
    },
    "bank account": {
        "any": "pan, iban, bic, rib, swift, konto nr, konto nummer, rekening, rachunek, account nr",
    },
    "name": {
        "en": "name, names, director, ceo, cfo, cto, coo, owner, signer, proprietor, "
        "representative, founder, shareholder, accountant, manager name, spouse, husband, wife, "
        "guardian, initials, holder, fam, contact fullname, fullname, lastname, firstname, "
        "addressee, payer "
        "name, lname, fname, mname, contact, boss, nm, chairman, treasurer, secretary",
        "de": "inhaber*, chef, eigentumer*, vertreter*, halter, direktor*, vorstand, "
        "unterzeichner*, empfanger, ehepartner, besitzer*, kontakt name, leiter, kontakt, "
        "vorsitzender, prasident",
        "fr": "nom, noms, directeur, proprietaire, titulaire, president, responsable, "
        "representant, destinataire, contact nom, dirigeants, gerante, presidente",
        "es": "nombre, nombres, propietario, titular, dueno, gerente, director, contacto nombre, "
        "representante, responsable, presidente, destinatario, contacto, presidenta",
        "it": "nome, direttore, titolare, proprietario, amministratore, responsabile, "
        "rappresentante, contatto nome, destinatario, contatto, presidente",
        "ru": "imya, direktor*, vladelets, sobstvennik*, imia, imja, bukhgalter, naimenovanie, "
        "nazvanie, predstavitelya, poluchatel, kontakt imya, kontakt, predsedatel*, kompaniya, "
        "glava",
        "pt, pl, nl": "nome, proprietario, titular, diretor, gerente, imie, wlasciciel, "
        "dyrektor, "
        "prezes, nazwa, naam, eigenaar, directeur",
    },
    "address": {
        "en": "address, addresses, addr, street, house, flat, apartment, residence, apt, suite, "
        "building",
        "de": "adresse*, str, haus, adr",
        "fr": "adresse, adresses, rue, logement, cp, domicile",
        "es": "direccion, direcciones, calle, vivienda, cp",
        "it": "via, civico, domicilio",
        "ru": "adres*, dom, kvartira, indeks, propiska",
        "pt, pl, nl": "logradouro, rua, adres, adresu, mieszkanie, postadres",
    },
    "coordinates": {
        "any": "lat, lon, lng, long, koord, coord, coords, geo, geohash",
    },
    "identity card": {
        "any": "pass, kennzeichen, dl number, document id, id doc, bsn, dni, rg",
    },
    "tax number": {
        "any": "nir, inn, tin, ein, kpp, nip, vat, btw, fiscal code, tax reg",
    },
    "birth date": {
        "any": "ddn, birth, geburt, geb, naissance, nacimiento, nascita, urodzenia, nascimento, "
        "rozhd, dr, geboorte",
    },
    "user name": {
        "any": "login, nick, usuario, utente, benutzer, logins name, polzovatel, utilisateur",
    },
    "ip address": {
        "any": "ip",
    },
    "social account": {
        "any": "xing, vk",
    },
    "free text": {
        "any": "free text, freetext, comment, comments, remark, remarks, kommentar, bemerkung, "
        "freitext, commentaire, comentario, observaciones, commento, kommentariy, primechanie, "
        "uwagi, opmerking, aciklama",
    },
}
