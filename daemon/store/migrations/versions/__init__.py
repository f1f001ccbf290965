"""The migrations, one module a step, each named by its number."""
