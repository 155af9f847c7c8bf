"""Rosters in tables: a row for each agent, with the workload."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from typing import Any, Final, final

from sqlalchemy import (
    Boolean,
    Dialect,
    Text,
    bindparam,
    case,
    cast,
    literal_column,
    select,
    true,
    union_all,
    update,
)

from entitlements.adapters.sql.rows import mapping
from entitlements.adapters.sql.session.bulk import bulk_update, bulk_update_statement
from entitlements.adapters.sql.session.prepared import (
    PreparedStatement,
    int_param,
    tenant_param,
    text_param,
)
from entitlements.adapters.sql.session.session import Row, Session
from entitlements.adapters.sql.tables import Tables
from entitlements.kernel.converters import frozen_map, instance_of
from entitlements.kernel.errors import StaleReadError
from entitlements.kernel.ids import identifier, identifier_set
from entitlements.kernel.instants import from_micros_or_none, micros_or_none
from entitlements.routing.agents.on_call import OnCall
from entitlements.routing.roster import Roster

_FEW: Final = 8
"""Up to this number, agents are read one by one instead of with their whole group."""

_COLUMNS: Final = ("state", "body", "workload")
_NO_ASSIGNMENTS: Final[Row] = {"assignment_count": 0, "since": None}


@final
class RosterStatements:
    """Statements about agents, on-call schedules and counters."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        t, mine = tables, tenant_param()
        a, m, s, r = t.agents.c, t.members.c, t.schedules.c, t.rotations.c
        self.tables = t
        every = select(a.id, a.body, a.workload).where(a.tenant == mine).order_by(a.id)
        self.agents = PreparedStatement(every, dialect)
        members, one = _of_group(t, dialect)
        self.agents_of = PreparedStatement(
            select(one.c.id, one.c.body, one.c.workload).select_from(members).order_by(one.c.id),
            dialect,
        )
        self.one = PreparedStatement(every.where(a.id == text_param("id_")), dialect)
        self.marks = PreparedStatement(_marks(t, dialect), dialect)
        self.change_all = bulk_update_statement(t.agents, _COLUMNS, dialect)
        self.agent = PreparedStatement(
            select(a.body, a.workload, a.state).where(
                a.tenant == tenant_param(), a.id == text_param("id_")
            ),
            dialect,
        )
        self.schedules = PreparedStatement(
            select(s.id, s.body).where(s.tenant == mine).order_by(s.id), dialect
        )
        rotation = select(r.assignment_count, r.since).where(r.tenant == mine)
        self.rotation = PreparedStatement(rotation, dialect)
        this = (a.tenant == mine, a.id == text_param("id_"), a.state == text_param("before"))
        self.change = PreparedStatement(
            update(t.agents).where(*this).values({key: text_param(key) for key in _COLUMNS}),
            dialect,
        )
        self.remove = PreparedStatement(t.agents.delete().where(*this), dialect)
        self.leave = PreparedStatement(
            t.members.delete().where(m.tenant == mine, m.agent == text_param("id_")), dialect
        )
        schedule = (s.tenant == mine, s.id == text_param("id_"), s.body == text_param("before"))
        self.change_schedule = PreparedStatement(
            update(t.schedules).where(*schedule).values(body=text_param("body")), dialect
        )
        self.remove_schedule = PreparedStatement(t.schedules.delete().where(*schedule), dialect)
        self.rotation_update = PreparedStatement(_rotation_update(t), dialect)


def _of_group(t: Tables, dialect: Dialect) -> tuple[Any, Any]:
    """Return a join of a group's members with their rows, and the alias of the rows.

    Members are selected first and then looked up, whatever number of agents the planner expects.
    """
    a, m = t.agents.c, t.members.c
    members = select(m.agent).where(
        m.tenant == tenant_param(), m.expert_group == text_param("group")
    )
    these = members.subquery("these")
    row = select(a.id, a.state, a.body, a.workload).where(a.tenant == tenant_param())
    if dialect.name != "postgresql":
        one = row.subquery("one")
        return these.join(one, one.c.id == these.c.agent), one
    # With a limit, the planner cannot take the two for one question and answer it its own way.
    alone = row.where(a.id == these.c.agent).limit(literal_column("1")).lateral("one")
    return these.join(alone, true()), alone


def _rotation_update(t: Tables) -> Any:
    """Return the statement that raises the count of assignments, and sets a changed period."""
    r, assignment_count = t.rotations.c, int_param("count_")
    moved = bindparam("moved", type_=Boolean())
    return (
        update(t.rotations)
        .where(r.tenant == tenant_param())
        .values(
            assignment_count=case(
                (r.assignment_count < assignment_count, assignment_count), else_=r.assignment_count
            ),
            since=case((moved, int_param("since_")), else_=r.since),
        )
    )


def _marks(t: Tables, dialect: Dialect) -> Any:
    """Return one statement for the marks of a group."""
    s, r = t.schedules.c, t.rotations.c
    members, one = _of_group(t, dialect)
    return union_all(
        select(literal_column("0").label("part"), one.c.id, one.c.state).select_from(members),
        select(literal_column("1"), s.id, s.body).where(s.tenant == tenant_param()),
        select(literal_column("2"), literal_column("''"), cast(r.since, Text)).where(
            r.tenant == tenant_param(), r.since.is_not(None)
        ),
    )


@final
class SqlRosters:
    """`Rosters` in tables."""

    def __init__(self, session: Session, statements: RosterStatements) -> None:
        self._session = session
        self._statements = statements

    def roster(self, groups: Iterable[str] = (), agents: Iterable[str] = ()) -> Roster:
        wanted, only = sorted(identifier_set(groups)), sorted(identifier_set(agents))
        session = self._session
        if 0 < len(only) <= _FEW:
            rows = [row for id in only for row in session.rows(self._statements.one, id_=id)]
        elif wanted:
            # An agent in several of the groups is found in each of them.
            found = {
                row["id"]: row
                for group in wanted
                for row in session.rows(self._statements.agents_of, group=group)
            }
            rows = [found[id] for id in sorted(found)]
        else:
            rows = session.rows(self._statements.agents)
        found_agents = [
            (agent, workload)
            for agent, workload in map(mapping.agent_from_row, rows)
            if (not wanted or not agent.groups.isdisjoint(wanted))
            and (not only or agent.id in only)
        ]
        rotation = next(iter(session.rows(self._statements.rotation)), _NO_ASSIGNMENTS)
        return Roster(
            agents=[agent for agent, _ in found_agents],
            workloads={agent.id: workload for agent, workload in found_agents},
            on_call=[
                mapping.schedule_from_row(row) for row in session.rows(self._statements.schedules)
            ],
            assignment_count=rotation["assignment_count"],
            since=from_micros_or_none(rotation["since"]),
        )

    def state(self, group: str) -> Mapping[str, object]:
        rows = self._session.read(self._statements.marks, group=identifier(group))
        shared = sorted((part, id, state) for part, id, state in rows if part)
        return {"": tuple(shared), **{id: state for part, id, state in rows if not part}}

    def change(
        self, before: Roster, after: Roster, state: Mapping[str, object] | None = None
    ) -> Mapping[str, object]:
        instance_of(Roster, before)
        instance_of(Roster, after)
        agents = [
            id
            for id in sorted({*before.agents, *after.agents})
            if _differ(before.agents.get(id), after.agents.get(id))
            or _differ(before.workloads.get(id), after.workloads.get(id))
        ]
        schedules = [
            id
            for id in sorted({*before.on_call, *after.on_call})
            if before.on_call.get(id) != after.on_call.get(id)
        ]
        known, marks = frozen_map(state or {}), dict[str, object]()
        if not schedules and self._change_all(before, after, agents, known, marks):
            agents = []
        with self._session.savepoint() if len(agents) + len(schedules) > 1 else nullcontext():
            for id in agents:
                if (mark := self._change_agent(before, after, id, known.get(id))) is not None:
                    marks[id] = mark
            for id in schedules:
                self._change_schedule(before, after, id)
        moved = before.since != after.since
        if moved or before.assignment_count < after.assignment_count:
            self._turn(after, moved=moved)
        return marks

    def _change_all(
        self,
        before: Roster,
        after: Roster,
        ids: list[str],
        known: Mapping[str, object],
        marks: dict[str, object],
    ) -> bool:
        """Change several agents at once, if none changes groups; return whether it was done.

        The marks of the changed agents are added to `marks`.
        """
        statement = self._statements.change_all
        several = len(ids) > 1 and all(_stays(before, after, id) for id in ids)
        if statement is None or not several:
            return False
        rows = [
            {
                **mapping.agent_to_row(after.agents[id], after.workload(id)),
                "before": known.get(id) or _state(before, id),
            }
            for id in ids
        ]
        done = bulk_update(self._session, statement, rows)
        if done:
            marks |= {row["id"]: row["state"] for row in rows}
        return done

    def _change_agent(self, before: Roster, after: Roster, id: str, known: object) -> str | None:
        new = _agent_row(after, id)
        session, statements, t = self._session, self._statements, self._statements.tables
        if id not in before.agents:
            done = new is not None and session.insert_new(t.agents, new)
        else:
            given = {"id_": id, "before": known or _state(before, id), **(new or {})}
            given.pop("id", None)
            statement = statements.remove if new is None else statements.change
            done = self._write(statement, given) or self._write(
                statement, {**given, "before": self._state_of(before, id)}
            )
        if not done:
            raise StaleReadError(
                f"agent `{id}` has changed since it was read", field=f"agents.{id}"
            )
        groups = after.agents[id].groups if id in after.agents else frozenset()
        if id not in before.agents or before.agents[id].groups != groups:
            session.run(statements.leave, id_=id)
            session.insert(
                t.members, ({"expert_group": each, "agent": id} for each in sorted(groups))
            )
        return None if new is None else str(new["state"])

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
            raise StaleReadError(
                f"schedule `{id}` has changed since it was read", field=f"on_call.{id}"
            )

    def _write(self, statement: PreparedStatement, given: Row) -> bool:
        return self._session.run(statement, **given) == 1

    def _state_of(self, roster: Roster, id: str) -> str | None:
        """Return the state of the agent's row, if it is an equal value in another form.

        It may have been written by another version of the library.
        """
        for body, workload, state in self._session.read(self._statements.agent, id_=id):
            stored = mapping.agent_from_row({"id": id, "body": body, "workload": workload})
            if stored == (roster.agents[id], roster.workload(id)):
                return str(state)
        return None

    def _text_of(self, schedule: OnCall) -> str | None:
        """Return the text of the schedule's row, if it is an equal value in another form."""
        for row in self._session.rows(self._statements.schedules):
            if mapping.schedule_from_row(row) == schedule:
                return str(row["body"])
        return None

    def _turn(self, after: Roster, *, moved: bool) -> None:
        since = micros_or_none(after.since)
        given: Row = {"count_": after.assignment_count, "moved": moved, "since_": since}
        row = {"assignment_count": after.assignment_count, "since": since}
        session, statements = self._session, self._statements
        if session.run(statements.rotation_update, **given):
            return
        if not session.insert_new(statements.tables.rotations, row):
            session.run(statements.rotation_update, **given)


def _differ(old: object, new: object) -> bool:
    return old is not new and old != new


def _stays(before: Roster, after: Roster, id: str) -> bool:
    """Return whether the agent is in both, in the same groups."""
    old, new = before.agents.get(id), after.agents.get(id)
    return old is not None and new is not None and old.groups == new.groups


def _state(roster: Roster, id: str) -> str:
    row = mapping.agent_to_row(roster.agents[id], roster.workload(id))
    return str(row["state"])


def _agent_row(roster: Roster, id: str) -> Row | None:
    if id not in roster.agents:
        return None
    return mapping.agent_to_row(roster.agents[id], roster.workload(id))
