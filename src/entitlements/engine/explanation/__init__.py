"""Explanations of answers and cases, for customers, agents and auditors, in any language."""
