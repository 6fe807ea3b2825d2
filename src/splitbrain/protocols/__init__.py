"""Protocols that lessons teach, each once, as a learner would write it."""
