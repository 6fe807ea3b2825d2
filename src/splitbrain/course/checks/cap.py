"""The checks of lab 06: the quorum register in four steps, siblings, and a bug to be found."""

from splitbrain.course.checks.cap_bug import BUGS, Suspect, check_bug, smallest_run
from splitbrain.course.checks.cap_merge import Available, check_merge
from splitbrain.course.checks.cap_register import check_once, check_register, check_replica, check_write_back
from splitbrain.course.checks.cap_registers import Atomic, Register, Replica, Table, newest

__all__ = ["BUGS", "Atomic", "Available", "Register", "Replica", "Suspect", "Table", "check_bug", "check_merge",
           "check_once", "check_register", "check_replica", "check_write_back", "newest", "smallest_run"]
