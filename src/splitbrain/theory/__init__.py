"""What formulas and dice say before any cluster runs; to be held beside what one measures."""
