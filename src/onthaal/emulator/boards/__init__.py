"""Lock boards as their makers describe them, one dialect a file."""
