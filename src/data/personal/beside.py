"""Words that stand in names of personal columns beside those of `src.data.personal.words`."""

from __future__ import annotations

# What may stand beside a common word without making it a measure.
BESIDE: dict[str, str] = {
    "en": "customer, client, subscriber, subscr, user, usr, clnt, install, installation, "
    "recovery, txt, account, acct, company, business, corporate, firm, "
    "organisation, organization, org, person, personal, private, home, work, office, main, "
    "primary, secondary, alternative, alternate, alt, second, first, third, last, middle, "
    "current, new, old, previous, permanent, temporary, actual, legal, registered, registration, "
    "postal, mailing, billing, bill, shipping, ship, delivery, invoice, payment, payer, contact, "
    "emergency, daytime, evening, direct, reception, full, complete, number, no, nr, num, id, "
    "of, "
    "the, for, and, to, s, at, by, member, employee, agent, recipient, sender, buyer, seller, "
    "holder, partner, mr, mrs, raw, text, string, general, managing, executive, chief, "
    "technical, "
    "financial, finance, purchasing, admin, administrator, cust, clt, sub, subs, abonent, "
    "decision, maker, purchaser, ceo, residential, physical, login, head, line, trading, trade, "
    "official, father, fathers, mothers, mother, child, other, additional, extra, backup, x, y, "
    "us, eu, uk, lead, "
    "prospect, tenant, insured, policyholder, patient, student, guest, visitor, supplier, "
    "vendor, "
    "details, info, sms, fixed, cell, local, b, c, reference, ref, house, beneficiary, cli, kd, "
    "key, priv, gesch, building",
    "de": "kunde, kunden, kundin, kundennr, firma, firmen, unternehmen, privat, geschaft, "
    "geschaftlich, dienst, dienstlich, arbeit, haupt, neben, kontakt, rechnung, rechnungs, "
    "liefer, lieferung, versand, nummer, vollstandig, voll, erst, zweit, erste, zweite, der, "
    "die, "
    "das, des, dem, den, von, vom, zur, fur, und, am, anschluss, teilnehmer, vertrag, vertrags, "
    "empfanger, konto, mitarbeiter, nutzer, notfall, anrede, titel, zahler, ort, stadt, zu, "
    "zustell, ansprech, person, verantwortlich, technisch, gesellschaft, betreuer, netz, priv, "
    "gesch, kd",
    "fr": "client, clients, cliente, abonne, entreprise, societe, personne, domicile, travail, "
    "bureau, principal, principale, secondaire, facturation, livraison, contact, complet, "
    "complete, numero, de, du, des, la, le, l, d, et, pour, professionnel, pro, personnel, "
    "personnelle, urgence, usager, portable, fixe, legal, general, compte, ligne, postale",
    "es": "cliente, clientes, abonado, empresa, persona, casa, trabajo, oficina, principal, "
    "secundario, facturacion, envio, entrega, contacto, completo, completa, numero, num, nro, "
    "del, el, los, las, y, para, particular, personal, emergencia, usuario, fijo, linea, "
    "titular, "
    "cuenta, fiscal, a",
    "it": "cliente, clienti, abbonato, azienda, societa, persona, casa, lavoro, ufficio, "
    "principale, secondario, fatturazione, consegna, spedizione, contatto, completo, numero, di, "
    "del, della, dello, il, lo, e, per, privato, personale, emergenza, utente, fisso, linea, "
    "conto, ditta",
    "ru": "klient*, abonent*, kompaniya, kompanii, organizatsii, organizatsiya, firma, firmy, "
    "domashniy, domashniye, rabochiy, osnovnoy, dopolnitelnyy, kontaktnyy, kontaktnoe, kontakt, "
    "kontakta, nomer, polnyy, polnoe, dostavki, podklyucheniya, registratsii, prozhivaniya, "
    "yuridicheskiy, fakticheskiy, pochtovyy, polzovatelya, vladeltsa, dlya, svyazi, generalnyy, "
    "litsa, litso, lichnyy, gorodskoy, mobilnyy, mobilnogo, fiz, yur, n, sotrudnika, "
    "platelshchika, predpriyatiya, poluchatelya, direktora, i, o, po, filiala, ustanovki, "
    "platezhnyy, schet, s, v, prozh, reg",
    "pt": "assinante, mae, pai, empresa, pessoa, casa, trabalho, do, da, dos, das, cliente, "
    "contato, contacto, numero",
    "pl": "kl, klient*, firma, firmy, firmowy, sluzbowy, domowy, numer, nr, kontaktowy, osoby, "
    "abonenta, do, korespondencyjny, i, kom",
    "nl": "klant, klanten, bedrijf, bedrijfs, werk, prive, thuis, nummer, van, het, contact, en",
}
