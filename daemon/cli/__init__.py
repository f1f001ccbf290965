"""Arguments in, lines or one JSON document out. Decides nothing and sends nothing."""
