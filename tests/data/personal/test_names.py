from pathlib import Path

import pytest
import yaml

from src.data.bases import DATA
from src.data.contracts import CONTACTS, TABLES
from src.data.personal.names import kind_of_name

# Names of columns as exports have them, by language. Each must be recognised.
PERSONAL = {
    "English": {
        "phone": "phone, Phone Number, phone1, phone_no, Mobile No, mobile_no, MSISDN, work_phone, "
        "homePhone, PhoneNumber, cell_phone, contact_phone, fax, Fax Number, telephone, tel, "
        "mobile, billing_phone, subscriber_msisdn, phone_numbers, CONTACTNUMBER",
        "e-mail": "e-mail, EMAIL, email2, customer_email, Email Address, mail, emailAddress, "
        "billing_email, contact_email, work_mail, EMAIL_ADDR",
        "name": "name, first_name, Last Name, lastname, CustomerName, surname, full_name, "
        "middleName, director, ceo, owner, contact_person, ContactName, signatory, "
        "company_director, account_owner, legal_representative, managing director, "
        "beneficial_owner, client_name, maiden_name, CEO Name, nickname",
        "address": "address, home_address, Address Line 2, street, billing_address, "
        "house_number, post_code, postcode, zip, ZIP Code, postal_code, streetName, addr1",
        "coordinates": "latitude, longitude, lat, lon, gps, geo_lat, coordinates, home_latitude",
        "identity card": "passport_no, passport, id_card_number, national_id, driver_license, "
        "social_security_number, license_plate, idNumber",
        "tax number": "tax_id, VAT Number, client_ssn, ssn, tin, taxpayer_id, vat_id",
        "birth date": "dob, birth_date, birthday, DateOfBirth, place_of_birth",
        "user name": "username, user_name, login, password, user_login, loginName",
        "social account": "linkedin, skype, facebook_id, twitter_handle, telegram_id",
        "ip address": "ip_address, ip, last_login_ip, IPAddress, client_ip",
        "bank account": "iban, bank_account, account_number, credit_card_number, card_no, "
        "IBAN_1, card_holder, account_holder, bic",
        "device": "imsi, IMEI, iccid, imsi_number, mac_address, device_imei, sim_serial",
    },
    "German": {
        "phone": "Telefon, Telefonnummer, Handy, Handynummer, Mobilnummer, Rufnummer, Tel_Nr, "
        "Telefax, Mobiltelefon, Festnetznummer, Kundentelefon",
        "e-mail": "E-Mail-Adresse, EmailAdresse, Mailadresse, Kunden-Email",
        "name": "Vorname, Nachname, Familienname, Ansprechpartner, Geschäftsführer, "
        "Geschaeftsfuehrer, Inhaber, Kundenname, Firmeninhaber, Geburtsname, Prokurist, "
        "ansprechpartner_name, Kontaktperson",
        "address": "Adresse, Straße, Strasse, Hausnummer, Hausnr, PLZ, Postleitzahl, Anschrift, "
        "Wohnort, Rechnungsadresse, Lieferanschrift",
        "identity card": "Personalausweis, Personalausweisnummer, Reisepassnummer, Führerschein, "
        "Kfz-Kennzeichen, Sozialversicherungsnummer",
        "tax number": "Steuernummer, Steuer-ID, USt-IdNr, Umsatzsteuer-ID",
        "birth date": "Geburtsdatum, Geburtstag, Geburtsort",
        "user name": "Benutzername, Passwort, Nutzername",
        "coordinates": "Breitengrad, Längengrad",
        "ip address": "IP-Adresse",
        "bank account": "Kontonummer, Bankverbindung, Kontoinhaber, Kreditkartennummer",
    },
    "French": {
        "phone": "téléphone, Numéro de téléphone, portable, tel_portable, téléphone_domicile",
        "e-mail": "courriel, adresse_mail, adresse e-mail",
        "name": "nom, prénom, Nom de famille, nom_client, dirigeant, gérant, interlocuteur, "
        "représentant légal, titulaire, Nom complet, directeur, personne_contact",
        "address": "adresse, rue, code_postal, Code postal, adresse_facturation, numéro_rue",
        "identity card": "passeport, carte d'identité, permis_de_conduire, "
        "numéro de sécurité sociale",
        "tax number": "numéro_fiscal, SIRET, numéro TVA",
        "birth date": "date_naissance, Date de naissance, lieu_naissance",
        "user name": "nom d'utilisateur, mot_de_passe",
        "ip address": "adresse_ip",
        "bank account": "compte_bancaire, numéro de compte, RIB, titulaire_compte",
    },
    "Spanish": {
        "phone": "teléfono, móvil, número de teléfono, celular, telefono_contacto",
        "e-mail": "correo, correo electrónico, correo_electronico",
        "name": "nombre, apellido, apellidos, Primer Apellido, nombre_completo, titular, "
        "representante_legal, persona de contacto, razón social, nombre_cliente, propietario",
        "address": "dirección, calle, código postal, domicilio, direccion_envio",
        "identity card": "pasaporte, DNI, documento_identidad, número de documento",
        "tax number": "NIF, CIF, RFC",
        "birth date": "fecha_nacimiento, Fecha de nacimiento, lugar_nacimiento",
        "user name": "nombre_usuario, contraseña, usuario",
        "coordinates": "latitud, longitud",
        "ip address": "dirección IP",
        "bank account": "cuenta_bancaria, número de cuenta, numero_tarjeta",
    },
    "Italian": {
        "phone": "cellulare, telefono, numero_cellulare, telefono_ufficio",
        "e-mail": "indirizzo email, posta_elettronica, PEC",
        "name": "cognome, nome, nome_cliente, referente, rappresentante legale, "
        "amministratore, ragione_sociale, Titolare, nominativo",
        "address": "indirizzo, via, codice_postale, numero civico, residenza",
        "identity card": "passaporto, carta d'identità, patente_di_guida, numero_documento",
        "tax number": "codice_fiscale, Partita IVA",
        "birth date": "data_nascita, data di nascita, luogo_nascita",
        "user name": "nome_utente",
        "ip address": "indirizzo_ip",
        "bank account": "conto_corrente, numero_conto, intestatario",
    },
    "Russian": {
        "phone": "Телефон, Контактный телефон, Тел., моб_телефон, Мобильный, Номер телефона, "
        "nomer_telefona, telefon_klienta, НомерТелефона",
        "e-mail": "Электронная почта, почта, elektronnaya_pochta, Адрес электронной почты",
        "name": "ФИО, Фамилия клиента, имя, отчество, Директор, Контактное лицо, руководитель, "
        "Генеральный директор, familiya, imya, otchestvo, fio_klienta, kontaktnoe_lico, "
        "собственник, подписант",
        "address": "Адрес подключения, адрес, улица, Почтовый индекс, adres_dostavki, номер_дома, "
        "Юридический адрес, ulitsa",
        "identity card": "Серия паспорта, паспорт, номер_паспорта, СНИЛС, pasport, snils",
        "tax number": "ИНН, inn, ОГРНИП, inn_klienta",
        "birth date": "Дата рождения, data_rozhdeniya, ДатаРождения",
        "user name": "логин, пароль, имя пользователя",
        "coordinates": "широта, долгота",
        "ip address": "ip_адрес",
        "bank account": "Расчетный счет, номер_карты, Номер счёта, лицевой_счет",
    },
    "Polish, Portuguese, Dutch": {
        "phone": "numer telefonu, telemóvel, telefoonnummer",
        "name": "nazwisko, imię, sobrenome, achternaam, voornaam, właściciel",
        "address": "kod_pocztowy, ulica, endereço, straat, huisnummer",
        "identity card": "PESEL, dowód osobisty, BSN",
        "tax number": "NIP, CPF",
        "birth date": "data urodzenia, data_de_nascimento, geboortedatum",
    },
}
FOUND = [
    (name.strip(), kind)
    for kinds in PERSONAL.values()
    for kind, names in kinds.items()
    for name in names.split(",")
]
HONEST_NAMES = """
phone_service phone_minutes phone_type phone_model phone_price phone_verified has_phone
number_vmail_messages voice_mail_plan voice_mail direct_mail email_opened emails_sent email_opens
email_clicks email_open_rate email_consent is_email_valid email_campaigns email_domain
mobile_data mobile_internet mobile_data_gb mobile_plan mobile_lines mobile_minutes mobile_revenue
paperless_billing tenure tenure_months plan_name product_name tariff_name campaign_name
file_name brand_name streaming_tv international_plan telecom_region inner_city beginning
addresses_served address_changes number_of_addresses customer_name_changes name_changes
contract_number_of_months number_of_calls number_customer_service_calls monthly_revenue
total_charges total_day_minutes total_intl_charge account_length account_age account_balance
account_type account_status area_code state region city country card_type card_payments
credit_card_payment payment_method senior_citizen partner dependents gender age age_group
device_protection device_type online_security tech_support multiple_lines contract
owner_changes home_owner director_changes contact_count last_contact_days contacts_total contacts
login_count logins_30d last_login days_since_last_login password_changes user_count
ip_traffic_gb roaming_days sms_count sim_count sim_cards imei_changes imsi_count
birthday_bonus_used passport_verified tax_rate vat_amount vat_rate tax_class street_type
latency longest_call latest_month signup_month closed_month acquisition_cost discount_share
churned revenue cost_to_serve nps tickets incidents hours stage amount expert_rank sku category
industry size channel margin phone_hash email_sha256 usage_2024 data_usage social_media_gb
facebook_mb whatsapp_messages telefonie anzahl_anrufe vertragsdauer umsatz kundenart tarif
mindestlaufzeit durée_contrat nombre_appels nombre_de_lignes número_de_llamadas ingresos_mensuales
numero_chiamate tariffa выручка количество_звонков тариф срок_договора число_линий регион
mail_orders mailings internet_service nominal_value name_plan notional commission ratio_inn
compensation domain_count mean_latency viability via_app via_channel last_contact
"""
HONEST = HONEST_NAMES.split()


def test_the_lists_are_long_enough_to_mean_something():
    assert len({name for name, _ in FOUND}) >= 210
    assert len(set(HONEST)) >= 80
    assert len(PERSONAL) >= 7


@pytest.mark.parametrize(("column", "kind"), FOUND)
def test_names_of_personal_columns_are_found(column, kind):
    assert kind_of_name(column) == kind


@pytest.mark.parametrize("column", HONEST)
def test_names_of_honest_columns_are_left_alone(column):
    assert kind_of_name(column) is None


def columns(kind):
    return (Path(__file__).parent / f"columns_{kind}.txt").read_text("utf-8").split("\n")[:-1]


def test_names_written_down_before_the_word_lists_were_read_are_found():
    # eleven languages, and the short forms of databases
    found = {name: kind_of_name(name) for name in columns("personal")}

    assert len(found) >= 210
    missed = [name for name, kind in found.items() if kind is None]
    assert len(missed) <= 0.025 * len(found), missed


def test_no_name_that_only_describes_is_caught():
    found = {name: kind_of_name(name) for name in columns("honest")}

    assert len(found) >= 210
    assert {name: kind for name, kind in found.items() if kind} == {}


def test_no_column_of_the_contract_or_of_a_shipped_base_is_taken_for_personal():
    contract = {name for table in TABLES.values() for name in table.columns}
    contract -= set(CONTACTS)  # personal, and hashed at the door
    shipped = {
        name
        for file in sorted(DATA.glob("bases/*/base.yml"))
        for source in yaml.safe_load(file.read_text()).get("tables", {}).values()
        for name in [*source.get("columns", {}), *source.get("columns", {}).values()]
    }

    assert len(shipped) > 5
    assert {name: kind_of_name(name) for name in contract | shipped if kind_of_name(name)} == {}
