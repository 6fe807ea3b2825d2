"""What is raised when no Redis can be had."""


class RedisError(RuntimeError):
    """No Redis that the course can use: one sentence that says why, and how to mend it."""
