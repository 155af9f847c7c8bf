"""Spanish sentences for customers."""

from __future__ import annotations

from typing import Final

from entitlements.engine.explanation.catalogue import Catalogue

_WORDS: Final = {
    "words.instant": "{weekday} {day} de {month} de {year}, {time} {zone}",
    "words.weekday.1": "lunes",
    "words.weekday.2": "martes",
    "words.weekday.3": "miércoles",
    "words.weekday.4": "jueves",
    "words.weekday.5": "viernes",
    "words.weekday.6": "sábado",
    "words.weekday.7": "domingo",
    "words.month.1": "enero",
    "words.month.2": "febrero",
    "words.month.3": "marzo",
    "words.month.4": "abril",
    "words.month.5": "mayo",
    "words.month.6": "junio",
    "words.month.7": "julio",
    "words.month.8": "agosto",
    "words.month.9": "septiembre",
    "words.month.10": "octubre",
    "words.month.11": "noviembre",
    "words.month.12": "diciembre",
    "words.hours.one": "{count} hora",
    "words.hours.other": "{count} horas",
    "words.minutes.one": "{count} minuto",
    "words.minutes.other": "{count} minutos",
    "words.seconds.one": "{count} segundo",
    "words.seconds.other": "{count} segundos",
    "words.business_days.one": "{count} día laborable",
    "words.business_days.other": "{count} días laborables",
    "words.same_business_day": "el mismo día laborable",
    "words.incidents.one": "{count} caso",
    "words.incidents.other": "{count} casos",
    "words.credits.one": "{count} crédito",
    "words.credits.other": "{count} créditos",
    "words.milestone.first_response": "Primera respuesta",
    "words.milestone.next_response": "Siguiente respuesta",
    "words.milestone.update": "Información sobre el avance",
    "words.milestone.resolution": "Solución",
}
_REASONS: Final = {
    "facts_missing": "No hemos podido consultar todo su contrato en este momento.",
    "customer_unknown": "No le conocemos como cliente.",
    "no_contract": "No tiene un contrato de soporte con nosotros.",
    "other_contract": "El contrato indicado no es el que cubre esto.",
    "contact_not_named": "No figura entre las personas que pueden abrir casos con su contrato.",
    "contact_out_of_dates": "Puede abrir casos con su contrato, pero no en esta fecha.",
    "contact_in_lead_time": (
        "Se le ha añadido a las personas que pueden abrir casos, pero aún no está en vigor."
    ),
    "contact_over_limit": "Hay más personas nombradas de las que permite su contrato.",
    "role_may_not_open": "Solo personas con otra función pueden abrir casos de esta gravedad.",
    "role_not_in_right": "Estos expertos atienden a personas con otra función.",
    "contract_superseded": "Este contrato ha sido sustituido por otro.",
    "contract_cancelled": "Su contrato está cancelado.",
    "contract_expired": "Su contrato ha vencido.",
    "contract_pending": "Su contrato aún no ha comenzado.",
    "not_in_grace": "Su contrato ha vencido, y lo que sigue en vigor no incluye esto.",
    "required_plan_missing": "Su plan necesita otro plan que no está en vigor.",
    "suspended_by_plan": "Un plan mejor de los suyos cubre esto, y este queda en suspenso.",
    "access_blocked": "Su acceso está bloqueado en este momento.",
    "consumption_blocked": "Su saldo no se puede utilizar en este momento.",
    "service_ended": "No ofrecemos este servicio en este momento.",
    "product_unknown": "No conocemos este producto.",
    "asset_unknown": "Su contrato es para sistemas concretos, y la solicitud no nombra ninguno.",
    "not_covered": "Su contrato no cubre esto.",
    "product_not_released": "Este producto aún no se ha publicado.",
    "product_out_of_support": "Este producto ya no tiene soporte.",
    "version_not_stated": "Algunas versiones ya no tienen soporte. La suya no se indica.",
    "version_unknown": "No conocemos esta versión del producto.",
    "version_out_of_support": "Esta versión ya no tiene soporte.",
    "group_not_in_plan": "Su plan no incluye a estos expertos.",
    "group_not_named": "Estos expertos solo ayudan cuando se pide por ellos.",
    "product_not_in_right": "Estos expertos ayudan con otros productos.",
    "channel_not_in_plan": "Su plan no incluye solicitudes por este canal.",
    "channel_not_in_right": "A estos expertos se llega por otros canales.",
    "severity_not_stated": "La solicitud no indica la gravedad del problema.",
    "severity_unknown": "Su plan no tiene esa gravedad.",
    "severity_not_openable": "Los casos de esta gravedad solo los podemos abrir nosotros.",
    "severity_not_in_right": "Estos expertos ayudan con otras gravedades.",
    "kind_not_stated": "La solicitud no indica de qué tipo es.",
    "kind_not_in_plan": "Su plan no incluye este tipo de solicitud.",
    "kind_not_in_right": "Estos expertos ayudan con otros tipos de solicitudes.",
    "language_not_stated": "Ayudamos solo en algunos idiomas, y la solicitud no indica ninguno.",
    "language_not_in_right": "Estos expertos ayudan en otros idiomas.",
    "condition_not_met": "Su plan pone una condición para esto que no ha confirmado.",
    "window_closed": "Está fuera del horario de estos expertos.",
    "never_open": "El horario de estos expertos ha terminado.",
    "too_many_open_cases": "Tiene tantos casos abiertos como permite su plan.",
    "allowance_spent": "Lo que incluye su contrato se ha agotado.",
    "id_used": "Una solicitud con este número ya se ha contado.",
}
_REMEDIES: Final = {
    "renew": "Renueve su contrato.",
    "lift_block": "Aclare con nosotros lo que bloquea su acceso.",
    "add_contact": "Pida que se le nombre como persona que puede abrir casos.",
    "add_line": "Amplíe su contrato para incluir esto.",
    "upgrade": "Cambie a un plan mayor.",
    "buy_plan": "Compre el plan que el suyo necesita.",
    "buy_allowance": "Compre más de lo que se ha agotado.",
    "use_channel": "Pregunte por este canal: {target}.",
    "lower_severity": "Pregunte con gravedad {target}.",
    "state_severity": "Indique como gravedad {target}.",
    "declare_condition": "Confirme que cumple la condición de su plan.",
    "wait_until": "Vuelva a preguntar a partir del {target}.",
    "ask_contact": "Pida que pregunte alguien que pueda abrir casos con su contrato.",
    "ask_group": "Pregunte por otros expertos.",
    "state_kind": "Indique de qué tipo es la solicitud: {target}.",
    "use_language": "Pida ayuda en este idioma: {target}.",
    "close_case": "Cierre uno de sus casos abiertos.",
    "raise_quantity": "Compre su plan en mayor cantidad.",
}

SPANISH: Final = Catalogue(
    "es",
    {
        **_WORDS,
        "customer.asked": "Ha preguntado por {product} el {at}, por este canal: {channel}.",
        "customer.asked_with_severity": (
            "Ha preguntado por {product} con gravedad {severity} el {at}, "
            "por este canal: {channel}."
        ),
        "customer.severity_follows": (
            "La gravedad {severity} resulta del impacto {impact} y de la urgencia {urgency}."
        ),
        "customer.granted_at_once": (
            "Su solicitud está aceptada, y puede contar de inmediato con nuestros expertos."
        ),
        "customer.granted_by_queue": (
            "Su solicitud está aceptada y espera al próximo experto libre."
        ),
        "customer.deferred": (
            "Su solicitud está aceptada. Nuestros expertos atienden a partir del {opens}."
        ),
        "customer.denied": "No podemos aceptar su solicitud tal como está:",
        "customer.ways_out": "Lo que puede hacer:",
        "customer.due": "{milestone}: a más tardar el {due}.",
        "customer.due_before": "{milestone}: antes del {due}.",
        "customer.within": "Su plan dice {time}.",
        "customer.within_hours": "Su plan dice {time} de nuestro horario de atención.",
        "customer.within_day": "Su plan dice {time}.",
        "customer.counted_from": "Contamos a partir del {start}.",
        "customer.aim": "Es nuestro objetivo y no está garantizado.",
        "customer.best_effort": "{milestone}: en cuanto podamos.",
        "customer.nothing_promised": "{milestone}: su plan no indica ningún plazo.",
        "customer.milestone_pending": "{milestone}: el plazo aún no ha comenzado.",
        "customer.milestone_paused": "{milestone}: el plazo está detenido mientras el caso espera.",
        "customer.milestone_met": "{milestone}: cumplida a tiempo, el {at}.",
        "customer.milestone_late": "{milestone}: cumplida el {at}, después del {due}.",
        "customer.milestone_missed": "{milestone}: vencida el {due} y con retraso. Lo sentimos.",
        "customer.milestone_cancelled": "{milestone}: ya no es necesaria.",
        "customer.adopted": "Hemos asumido su caso sobre {product}, abierto el {opened}.",
        "customer.not_asked_yet": (
            "Su solicitud aún no estaba hecha el {at}. Se hizo el {opened}."
        ),
        "customer.not_open_yet": "Su caso aún no estaba abierto el {at}. Se abrió el {opened}.",
        "customer.in_work": "Un experto tiene su caso.",
        "customer.waits_for_an_expert": "Su caso espera al próximo experto libre.",
        "customer.charge.included": "Su contrato lo incluye.",
        "customer.charge.prepaid": "Se descuenta de su saldo: {amount}.",
        "customer.charge.overage": ("Supera su contrato en {amount}, con un coste adicional."),
        "customer.charge.time_and_materials": "Cobramos el tiempo de trabajo.",
        "customer.price": "Una hora cuesta {hourly}.",
        "customer.price_incident": "El caso cuesta {incident}.",
        "customer.price_after_hours": "Fuera del horario habitual, una hora cuesta {hourly}.",
        "customer.price_least": "Cobramos al menos {least}.",
        "customer.price_until": "Este precio vale hasta {until}.",
        "customer.consent": "Empezaremos en cuanto esté de acuerdo.",
        "customer.advisory.expires_soon": "Su contrato termina el {at}.",
        "customer.advisory.in_grace": "Su contrato ha terminado. Seguimos ayudando hasta el {at}.",
        "customer.advisory.balance_low": "Queda poco de su saldo: {left}.",
        "customer.advisory.support_ends_soon": "El soporte de {product} termina el {at}.",
        "customer.advisory.follows_nothing": (
            "Lo contamos como un caso nuevo, porque no continúa ninguno anterior."
        ),
        "customer.advisory.notice_due": (
            "Su contrato se renueva por sí solo si no avisa antes del {at}."
        ),
        "customer.valid_until": "Esto vale hasta el {until}.",
        **{f"customer.reason.{reason}": text for reason, text in _REASONS.items()},
        **{f"customer.way_out.{kind}": text for kind, text in _REMEDIES.items()},
    },
)
"""The sentences for customers in Spanish."""
