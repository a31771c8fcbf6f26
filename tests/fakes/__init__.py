"""Peers for the tests: real programs, started on free ports."""
