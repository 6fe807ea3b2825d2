"""Checkers: a history goes in, a verdict comes out. They know only `splitbrain.records`."""
