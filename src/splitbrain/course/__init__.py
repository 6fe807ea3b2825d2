"""What makes a course of a library: checks with feedback, hints, predictions, progress, and the making of labs."""
