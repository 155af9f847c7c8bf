"""Rosters in tables: a row for each agent, with how they stand."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Final, final

from sqlalchemy import Boolean, Dialect, bindparam, case, or_, select, update

from entitlements.adapters.sql import mapping
from entitlements.adapters.sql.session import Prepared, Row, Session, number, tenant, word
from entitlements.adapters.sql.tables import Tables
from entitlements.kernel.errors import ConflictError
from entitlements.routing.oncall import OnCall
from entitlements.routing.roster import Roster

_NO_TURNS: Final[Row] = {"turns": 0, "since": None}


@final
class PeopleStatements:
    """What is asked of the tables of agents, made once."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        t, mine = tables, tenant()
        a, m, s, r = t.agents.c, t.members.c, t.schedules.c, t.rotations.c
        self.tables = t
        every = select(a.id, a.body, a.standing).where(a.tenant == mine).order_by(a.id)
        self.agents = Prepared(every, dialect)
        members = select(m.agent).where(m.tenant == mine, m.expert_group == word("group"))
        self.agents_of = Prepared(every.where(a.id.in_(members)), dialect)
        self.agent = Prepared(
            select(a.body, a.standing, a.state).where(a.tenant == tenant(), a.id == word("id_")),
            dialect,
        )
        self.schedules = Prepared(select(s.body).where(s.tenant == mine).order_by(s.id), dialect)
        self.rotation = Prepared(select(r.turns, r.since).where(r.tenant == mine), dialect)
        this = (a.tenant == mine, a.id == word("id_"), a.state == word("before"))
        self.change = Prepared(
            update(t.agents)
            .where(*this)
            .values({key: word(key) for key in ("state", "body", "standing")}),
            dialect,
        )
        self.remove = Prepared(t.agents.delete().where(*this), dialect)
        self.leave = Prepared(
            t.members.delete().where(m.tenant == mine, m.agent == word("id_")), dialect
        )
        schedule = (s.tenant == mine, s.id == word("id_"), s.body == word("before"))
        self.change_schedule = Prepared(
            update(t.schedules).where(*schedule).values(body=word("body")), dialect
        )
        self.remove_schedule = Prepared(t.schedules.delete().where(*schedule), dialect)
        turns = number("turns_")
        self.turn = Prepared(
            update(t.rotations)
            .where(r.tenant == mine, or_(r.turns < turns, bindparam("moved", type_=Boolean())))
            .values(
                turns=case((r.turns < turns, turns), else_=r.turns),
                since=case((bindparam("moved", type_=Boolean()), number("since_")), else_=r.since),
            ),
            dialect,
        )


@final
class SqlRosters:
    """`Rosters` in tables."""

    def __init__(self, session: Session, statements: PeopleStatements) -> None:
        self._session = session
        self._statements = statements

    def roster(self, groups: Iterable[str] = ()) -> Roster:
        wanted, session = sorted(set(groups)), self._session
        if wanted:
            # Whoever is in several of the groups is found in each of them.
            found = {
                row["id"]: row
                for group in wanted
                for row in session.rows(self._statements.agents_of, group=group)
            }
            rows = [found[id] for id in sorted(found)]
        else:
            rows = session.rows(self._statements.agents)
        people = [mapping.agent_from_row(row) for row in rows]
        rotation = next(iter(session.rows(self._statements.rotation)), _NO_TURNS)
        return Roster(
            agents=[agent for agent, _ in people],
            standings={agent.id: standing for agent, standing in people},
            on_call=[
                mapping.schedule_from_row(row) for row in session.rows(self._statements.schedules)
            ],
            turns=rotation["turns"],
            since=mapping.instant(rotation["since"]),
        )

    def change(self, before: Roster, after: Roster) -> None:
        agents = [
            id
            for id in sorted({*before.agents, *after.agents})
            if before.agents.get(id) != after.agents.get(id)
            or before.standings.get(id) != after.standings.get(id)
        ]
        schedules = [
            id
            for id in sorted({*before.on_call, *after.on_call})
            if before.on_call.get(id) != after.on_call.get(id)
        ]
        with self._session.together() if len(agents) + len(schedules) > 1 else nullcontext():
            for id in agents:
                self._change_agent(before, after, id)
            for id in schedules:
                self._change_schedule(before, after, id)
        moved = before.since != after.since
        if moved or before.turns < after.turns:
            self._turn(after, moved=moved)

    def _change_agent(self, before: Roster, after: Roster, id: str) -> None:
        old, new = _agent_row(before, id), _agent_row(after, id)
        session, statements, t = self._session, self._statements, self._statements.tables
        if old is None:
            done = new is not None and session.insert_new(t.agents, new)
        else:
            given = {"id_": id, "before": old["state"], **(new or {})}
            given.pop("id", None)
            statement = statements.remove if new is None else statements.change
            done = self._write(statement, given) or self._write(
                statement, {**given, "before": self._state_of(before, id)}
            )
        if not done:
            raise ConflictError(f"agent `{id}` is no longer as read", field=f"agents.{id}")
        groups = after.agents[id].groups if id in after.agents else frozenset()
        if id not in before.agents or before.agents[id].groups != groups:
            session.run(statements.leave, id_=id)
            session.insert(
                t.members, ({"expert_group": each, "agent": id} for each in sorted(groups))
            )

    def _change_schedule(self, before: Roster, after: Roster, id: str) -> None:
        old, new = before.on_call.get(id), after.on_call.get(id)
        row = {} if new is None else mapping.schedule_to_row(new)
        statements = self._statements
        if old is None:
            done = self._session.insert_new(statements.tables.schedules, row)
        else:
            given: Row = {"id_": id, "before": mapping.schedule_to_row(old)["body"], **row}
            given.pop("id", None)
            statement = statements.remove_schedule if new is None else statements.change_schedule
            done = self._write(statement, given) or self._write(
                statement, {**given, "before": self._text_of(old)}
            )
        if not done:
            raise ConflictError(f"schedule `{id}` is no longer as read", field=f"on_call.{id}")

    def _write(self, statement: Prepared, given: Row) -> bool:
        return self._session.run(statement, **given) == 1

    def _state_of(self, roster: Roster, id: str) -> str | None:
        """Return the state of the agent's row, if it says the same in other words.

        It may have been written by a version of the library that wrote it otherwise.
        """
        for body, standing, state in self._session.read(self._statements.agent, id_=id):
            stored = mapping.agent_from_row({"body": body, "standing": standing})
            if stored == (roster.agents[id], roster.standing(id)):
                return str(state)
        return None

    def _text_of(self, schedule: OnCall) -> str | None:
        """Return the text of the schedule's row, if it says the same in other words."""
        for row in self._session.rows(self._statements.schedules):
            if mapping.schedule_from_row(row) == schedule:
                return str(row["body"])
        return None

    def _turn(self, after: Roster, *, moved: bool) -> None:
        since = mapping.micros(after.since)
        row = {"turns": after.turns, "since": since}
        if not self._session.insert_new(self._statements.tables.rotations, row):
            given: Row = {"turns_": after.turns, "moved": moved, "since_": since}
            self._session.run(self._statements.turn, **given)


def _agent_row(roster: Roster, id: str) -> Row | None:
    if id not in roster.agents:
        return None
    return mapping.agent_to_row(roster.agents[id], roster.standing(id))
