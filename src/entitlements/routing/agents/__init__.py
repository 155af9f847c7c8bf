"""Agents, their duty schedules, capacity and workload."""
