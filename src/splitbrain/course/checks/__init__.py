"""The checks of the labs, a file a topic."""
