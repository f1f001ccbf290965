"""The tables, their transactions and their queries. Knows no network and no meaning of a state."""
