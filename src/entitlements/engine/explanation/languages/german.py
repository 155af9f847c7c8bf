"""German sentences for customers."""

from __future__ import annotations

from typing import Final

from entitlements.engine.explanation.catalogue import Catalogue

_WORDS: Final = {
    "words.instant": "{weekday}, {day}. {month} {year}, {time} Uhr {zone}",
    "words.weekday.1": "Montag",
    "words.weekday.2": "Dienstag",
    "words.weekday.3": "Mittwoch",
    "words.weekday.4": "Donnerstag",
    "words.weekday.5": "Freitag",
    "words.weekday.6": "Samstag",
    "words.weekday.7": "Sonntag",
    "words.month.1": "Januar",
    "words.month.2": "Februar",
    "words.month.3": "März",
    "words.month.4": "April",
    "words.month.5": "Mai",
    "words.month.6": "Juni",
    "words.month.7": "Juli",
    "words.month.8": "August",
    "words.month.9": "September",
    "words.month.10": "Oktober",
    "words.month.11": "November",
    "words.month.12": "Dezember",
    "words.hours.one": "{count} Stunde",
    "words.hours.other": "{count} Stunden",
    "words.minutes.one": "{count} Minute",
    "words.minutes.other": "{count} Minuten",
    "words.seconds.one": "{count} Sekunde",
    "words.seconds.other": "{count} Sekunden",
    "words.business_days.one": "{count} Arbeitstag",
    "words.business_days.other": "{count} Arbeitstage",
    "words.same_business_day": "am selben Arbeitstag",
    "words.incidents.one": "{count} Fall",
    "words.incidents.other": "{count} Fälle",
    "words.credits.one": "{count} Punkt",
    "words.credits.other": "{count} Punkte",
    "words.milestone.first_response": "Erste Antwort",
    "words.milestone.next_response": "Nächste Antwort",
    "words.milestone.update": "Zwischenbericht",
    "words.milestone.resolution": "Lösung",
}
_REASONS: Final = {
    "facts_missing": "Wir konnten Ihren Vertrag gerade nicht vollständig nachsehen.",
    "customer_unknown": "Wir kennen Sie nicht als Kunden.",
    "no_contract": "Sie haben keinen Supportvertrag mit uns.",
    "other_contract": "Der genannte Vertrag ist nicht der, der dies abdeckt.",
    "contact_not_named": "Sie gehören nicht zu den Personen, die Fälle öffnen dürfen.",
    "contact_out_of_dates": "Sie dürfen Fälle öffnen, aber nicht an diesem Tag.",
    "contact_in_lead_time": ("Sie wurden als Ansprechpartner benannt, doch das gilt noch nicht."),
    "contact_over_limit": "Für Ihren Vertrag sind mehr Personen benannt, als er erlaubt.",
    "role_may_not_open": "Diese Dringlichkeit dürfen nur Personen in einer anderen Rolle melden.",
    "role_not_in_right": "Diese Fachleute sind für Personen in einer anderen Rolle da.",
    "contract_superseded": "Dieser Vertrag wurde durch einen anderen ersetzt.",
    "contract_cancelled": "Ihr Vertrag wurde gekündigt.",
    "contract_expired": "Ihr Vertrag ist abgelaufen.",
    "contract_pending": "Ihr Vertrag hat noch nicht begonnen.",
    "not_in_grace": "Ihr Vertrag ist abgelaufen. Was noch weiterläuft, schließt dies nicht ein.",
    "required_plan_missing": "Ihr Tarif braucht einen anderen Tarif, der nicht in Kraft ist.",
    "suspended_by_plan": "Ein besserer Tarif von Ihnen deckt dies ab, sodass dieser ruht.",
    "access_blocked": "Ihr Zugang ist zurzeit gesperrt.",
    "consumption_blocked": "Ihr Guthaben kann zurzeit nicht genutzt werden.",
    "service_ended": "Diese Leistung bieten wir zu dieser Zeit nicht an.",
    "product_unknown": "Wir kennen dieses Produkt nicht.",
    "asset_unknown": "Ihr Vertrag gilt für bestimmte Systeme, und die Anfrage nennt keines davon.",
    "not_covered": "Ihr Vertrag deckt dies nicht ab.",
    "product_not_released": "Dieses Produkt ist noch nicht erschienen.",
    "product_out_of_support": "Dieses Produkt wird nicht mehr unterstützt.",
    "version_not_stated": "Manche Versionen werden nicht mehr unterstützt. Ihre ist nicht genannt.",
    "version_unknown": "Wir kennen diese Version des Produkts nicht.",
    "version_out_of_support": "Diese Version wird nicht mehr unterstützt.",
    "group_not_in_plan": "Ihr Tarif schließt diese Fachleute nicht ein.",
    "group_not_named": "Diese Fachleute helfen nur, wenn ausdrücklich nach ihnen gefragt wird.",
    "product_not_in_right": "Diese Fachleute helfen bei anderen Produkten.",
    "channel_not_in_plan": "Ihr Tarif schließt Anfragen auf diesem Weg nicht ein.",
    "channel_not_in_right": "Diese Fachleute sind auf anderen Wegen erreichbar.",
    "severity_not_stated": "Die Anfrage nennt nicht, wie dringend das Problem ist.",
    "severity_unknown": "Ihr Tarif kennt diese Dringlichkeit nicht.",
    "severity_not_openable": "Fälle dieser Dringlichkeit können nur wir öffnen.",
    "severity_not_in_right": "Diese Fachleute helfen bei anderen Dringlichkeiten.",
    "kind_not_stated": "Die Anfrage nennt nicht, um welche Art von Anfrage es geht.",
    "kind_not_in_plan": "Ihr Tarif schließt diese Art von Anfrage nicht ein.",
    "kind_not_in_right": "Diese Fachleute helfen bei anderen Arten von Anfragen.",
    "language_not_stated": "Wir helfen nur in manchen Sprachen, und die Anfrage nennt keine.",
    "language_not_in_right": "Diese Fachleute helfen in anderen Sprachen.",
    "condition_not_met": "Ihr Tarif stellt dafür eine Bedingung, die Sie nicht bestätigt haben.",
    "window_closed": "Es ist außerhalb der Zeiten dieser Fachleute.",
    "never_open": "Die Zeiten dieser Fachleute sind zu Ende.",
    "too_many_open_cases": "Sie haben so viele offene Fälle, wie Ihr Tarif erlaubt.",
    "allowance_spent": "Was Ihr Vertrag einschließt, ist aufgebraucht.",
    "id_used": "Eine Anfrage unter dieser Nummer wurde schon gezählt.",
}
_REMEDIES: Final = {
    "renew": "Verlängern Sie Ihren Vertrag.",
    "lift_block": "Klären Sie mit uns, was Ihren Zugang sperrt.",
    "add_contact": "Lassen Sie sich als Person benennen, die Fälle öffnen darf.",
    "add_line": "Erweitern Sie Ihren Vertrag darum.",
    "upgrade": "Wechseln Sie in einen größeren Tarif.",
    "buy_plan": "Kaufen Sie den Tarif, den Ihrer braucht.",
    "buy_allowance": "Kaufen Sie von dem nach, was aufgebraucht ist.",
    "use_channel": "Fragen Sie auf diesem Weg: {target}.",
    "lower_severity": "Fragen Sie mit Dringlichkeit {target}.",
    "state_severity": "Nennen Sie als Dringlichkeit {target}.",
    "declare_condition": "Bestätigen Sie, dass Sie die Bedingung Ihres Tarifs erfüllen.",
    "wait_until": "Fragen Sie wieder ab {target}.",
    "ask_contact": "Lassen Sie jemanden fragen, der Fälle öffnen darf.",
    "ask_group": "Fragen Sie nach anderen Fachleuten.",
    "state_kind": "Nennen Sie die Art der Anfrage: {target}.",
    "use_language": "Bitten Sie um Hilfe in dieser Sprache: {target}.",
    "close_case": "Schließen Sie einen Ihrer offenen Fälle.",
    "raise_quantity": "Kaufen Sie Ihren Tarif in größerer Menge.",
}

GERMAN: Final = Catalogue(
    "de",
    {
        **_WORDS,
        "customer.asked": "Sie haben am {at} nach {product} gefragt, auf diesem Weg: {channel}.",
        "customer.asked_with_severity": (
            "Sie haben am {at} nach {product} gefragt, mit Dringlichkeit {severity}, "
            "auf diesem Weg: {channel}."
        ),
        "customer.severity_follows": (
            "Die Einstufung {severity} folgt aus der Auswirkung {impact} und daraus, wie sehr es "
            "eilt: {urgency}."
        ),
        "customer.granted_at_once": (
            "Ihre Anfrage ist angenommen, und unsere Fachleute sind sofort erreichbar."
        ),
        "customer.granted_by_queue": (
            "Ihre Anfrage ist angenommen und wartet auf die nächste freie Fachkraft."
        ),
        "customer.deferred": (
            "Ihre Anfrage ist angenommen. Unsere Fachleute sind erreichbar ab {opens}."
        ),
        "customer.denied": "So können wir Ihre Anfrage nicht annehmen:",
        "customer.ways_out": "Was Sie tun können:",
        "customer.due": "{milestone}: bis {due}.",
        "customer.due_before": "{milestone}: vor {due}.",
        "customer.within": "Ihr Tarif sagt {time}.",
        "customer.within_hours": "Ihr Tarif sagt {time} unserer Geschäftszeiten.",
        "customer.within_day": "Ihr Tarif sagt {time}.",
        "customer.counted_from": "Wir zählen ab {start}.",
        "customer.aim": "Das ist unser Ziel und nicht zugesichert.",
        "customer.best_effort": "{milestone}: so bald wie möglich.",
        "customer.nothing_promised": "{milestone}: Ihr Tarif nennt keine Zeit.",
        "customer.milestone_pending": "{milestone}: die Zeit hat noch nicht begonnen.",
        "customer.milestone_paused": "{milestone}: die Uhr steht, solange der Fall wartet.",
        "customer.milestone_met": "{milestone}: rechtzeitig erledigt, am {at}.",
        "customer.milestone_late": "{milestone}: erledigt am {at}, später als {due}.",
        "customer.milestone_missed": (
            "{milestone}: fällig bis {due} und verspätet. Das tut uns leid."
        ),
        "customer.milestone_cancelled": "{milestone}: nicht mehr nötig.",
        "customer.adopted": "Wir haben Ihren Fall zu {product} übernommen, eröffnet am {opened}.",
        "customer.not_asked_yet": (
            "Ihre Anfrage war am {at} noch nicht gestellt. Sie wurde am {opened} gestellt."
        ),
        "customer.not_open_yet": (
            "Ihr Fall war am {at} noch nicht eröffnet. Er wurde am {opened} eröffnet."
        ),
        "customer.in_work": "Eine Fachkraft hat Ihren Fall.",
        "customer.waits_for_an_expert": "Ihr Fall wartet auf die nächste freie Fachkraft.",
        "customer.charge.included": "Ihr Vertrag schließt es ein.",
        "customer.charge.prepaid": "Von Ihrem Guthaben geht ab: {amount}.",
        "customer.charge.overage": (
            "Das geht um {amount} über Ihren Vertrag hinaus und kostet extra."
        ),
        "customer.charge.time_and_materials": "Wir berechnen die Arbeitszeit.",
        "customer.price": "Eine Stunde kostet {hourly}.",
        "customer.price_incident": "Der Fall kostet {incident}.",
        "customer.price_after_hours": "Außerhalb der üblichen Zeiten kostet eine Stunde {hourly}.",
        "customer.price_least": "Wir berechnen mindestens {least}.",
        "customer.price_until": "Dieser Preis gilt bis {until}.",
        "customer.consent": "Wir beginnen, sobald Sie dem zustimmen.",
        "customer.advisory.expires_soon": "Ihr Vertrag endet am {at}.",
        "customer.advisory.in_grace": "Ihr Vertrag ist zu Ende. Wir helfen noch bis {at}.",
        "customer.advisory.balance_low": "Von Ihrem Guthaben ist wenig übrig: {left}.",
        "customer.advisory.support_ends_soon": "Die Unterstützung für {product} endet am {at}.",
        "customer.advisory.follows_nothing": (
            "Wir zählen dies als neuen Fall, weil es keinen früheren fortsetzt."
        ),
        "customer.advisory.notice_due": (
            "Ihr Vertrag verlängert sich von selbst, wenn Sie nicht bis {at} kündigen."
        ),
        "customer.valid_until": "Das gilt bis {until}.",
        **{f"customer.reason.{reason}": text for reason, text in _REASONS.items()},
        **{f"customer.way_out.{kind}": text for kind, text in _REMEDIES.items()},
    },
)
"""The sentences for customers in German."""
