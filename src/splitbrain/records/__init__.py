"""The plain values that everything speaks: messages, operations, histories, journals, verdicts.

Checkers and views know only this file, so a history from the simulator, from Redis or from a user's own
database meets the same checker and the same picture. Nothing here imports anything else of ours.

Times are virtual milliseconds. The order of events is their *position*, never their time: two events may
share a time, and then only the position says which came first.
"""

from splitbrain.records.journal import Event, Journal, Message, Window
from splitbrain.records.operations import History, Operation, arguments
from splitbrain.records.text import short
from splitbrain.records.verdicts import FAIL, OK, UNKNOWN, VIOLATED, Ledger, Verdict, Witness

__all__ = ["Event", "FAIL", "History", "Journal", "Ledger", "Message", "OK", "Operation", "UNKNOWN", "VIOLATED",
           "Verdict", "Window", "Witness", "arguments", "short"]
