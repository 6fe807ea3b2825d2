"""What is raised when no Redis can be had."""


class RedisError(RuntimeError):
    """No Redis that the course can use: one sentence that says why, and how to mend it."""


class WorkerFailed(RuntimeError):
    """A worker ended with an error, or before what was waited for; with the lines of its code."""


class WorkerTimeout(TimeoutError):
    """A worker did not get there in time, and was killed; says which, and where it was."""
