"""Waiting work of a live backlog: queues by requirement, and what they ask for."""
