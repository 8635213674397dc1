import numpy as np
import pandas as pd
import pytest
import yaml

from src.data.bases import DATA
from src.data.contracts import TABLES
from src.data.personal import kind_of_values, luhn, personal_columns
from src.data.personal_names import kind_of_name

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


def test_no_column_of_the_contract_or_of_a_shipped_base_is_taken_for_personal():
    contract = {name for table in TABLES.values() for name in table.columns}
    shipped = {
        name
        for file in sorted(DATA.glob("bases/*/base.yml"))
        for source in yaml.safe_load(file.read_text()).get("tables", {}).values()
        for name in [*source.get("columns", {}), *source.get("columns", {}).values()]
    }

    assert len(shipped) > 5
    assert {name: kind_of_name(name) for name in contract | shipped if kind_of_name(name)} == {}


def test_a_name_counts_even_where_the_cells_are_empty():
    frame = pd.DataFrame({"Ansprechpartner": [None, None], "tenure": [1.0, 2.0]})

    assert personal_columns(frame, ["Ansprechpartner", "tenure"]) == {"Ansprechpartner": "name"}


def test_only_the_columns_asked_for_are_looked_at():
    assert personal_columns(pd.DataFrame({"email": ["a@b.de"], "plan": ["x"]}), ["plan"]) == {}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a.b+c@mail.example.org"], "e-mail"),
        (["a@b.de", "unknown"], "e-mail"),
        (["+7 (900) 123-45-67"], "phone"),
        (["+4915112345678"], "phone"),
        (["(555) 123-4567"], "phone"),
        (["0171 / 1234567", "030 9876543"], "phone"),
        (["555-123-45-67", None, None], "phone"),
        (["79161234567", "79031112233"], "phone"),
        ([4915112345678, 4915112345679], "phone"),
        ([493012345678, 442079460000, 33142685300], "phone"),
        ([79161234567.0, 79031112233.0, None], "phone"),
        (["79161234567.0"], "phone"),
        (["01711234567", "0309876543"], "phone"),
        ([9161234567, 9031112233, 9267654321], "phone"),
        ([612345678, 687654321, 712345678], "phone"),
        ([2125551234, 4155551234, 6465551234], "phone"),
        ([1701234567, 1517654321, 1629876543], "phone"),
        ([998901234567, 998931234567, 998971112233], "phone"),
        (["250011234567890", "250019876543210"], "device"),
        ([250011234567890, 250019876543210], "device"),
        ([490154203237518, 356938035643809], "device"),
        (["8949020000012345678", "8949020000087654321"], "device"),
        (["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"], "bank account"),
        (["4111111111111111", "5555555555554444"], "bank account"),
        ([4111111111111111, 5555555555554444], "bank account"),
        (["192.168.0.1", "10.0.0.7"], "ip address"),
        (["2001:db8::1"], "ip address"),
    ],
)
def test_personal_values_are_found_under_any_name(values, kind):
    assert personal_columns(pd.DataFrame({"x": values}), ["x"]) == {"x": kind}


@pytest.mark.parametrize(
    "values",
    [
        ["a@b.de", "none", "none"],
        ["a@b"],
        ["2024-01-31"],
        ["2024-01-31 10:00:00"],
        ["31.01.2024"],
        ["1234567"],
        ["12.5", "13.5"],
        ["+5", "-3"],
        ["1 234 567 890"],
        ["1.2.3", "1.10.0"],
        ["10:30", "11:45"],
        [20240131, 20231205],
        [20240131123000, 20230201235959],
        ["202401311230", "202312051159"],
        [1706659200, 1706745600, 1709251200],
        [1706659200000, 1706745600000],
        [120_000_000, 3_450_000_000, 98_500_000_000],
        [1_234_567.5, 987_654_321.25],
        ["DE00370400440532013000"],
        ["4111111111111112", "1234567812345678"],
        ["d41d8cd98f00b204e980", "7f9c24e8da0411f1b2c3"],
        ["f7bc83f430538424b132"],
        ["12345678901234567890"],
        [True, False],
        [None, None],
        [float("nan")],
        [],
    ],
)
def test_other_values_are_left_alone(values):
    assert personal_columns(pd.DataFrame({"x": values}), ["x"]) == {}


def test_measures_of_any_size_are_no_phone_numbers():
    rng = np.random.default_rng(0)

    for size in (1e3, 1e6, 1e9, 1e10, 1e11, 1e12):
        drawn = pd.Series(rng.lognormal(np.log(size), 1, 500))
        assert kind_of_values(drawn) is None
        assert kind_of_values(drawn.round()) is None
        assert kind_of_values(drawn.round().astype("int64").astype(str)) is None


def test_times_as_numbers_are_no_phone_numbers():
    days = pd.Series(pd.date_range("2015-01-01", periods=2000, freq="D"))
    seconds = days.astype("int64") // 10**9

    assert kind_of_values(seconds) is None
    assert kind_of_values(seconds * 1000) is None
    assert kind_of_values(seconds * 10**9) is None
    assert kind_of_values(days.dt.strftime("%Y%m%d").astype("int64")) is None
    assert kind_of_values(days.dt.strftime("%Y%m%d%H%M")) is None
    assert kind_of_values(days) is None


def test_the_check_digit_of_luhn():
    # the examples of ISO/IEC 7812 and of 3GPP TS 22.016 as commonly printed
    assert luhn("79927398713")
    assert luhn("490154203237518")
    assert not luhn("79927398710")
