"""Services and messages on a real Redis: `server` finds or starts the local one."""
