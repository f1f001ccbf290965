"""Coverage-guided fuzzing of what reads a stranger's mail (`make fuzz`). What it finds becomes a test."""
