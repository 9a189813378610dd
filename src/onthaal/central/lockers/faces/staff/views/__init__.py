"""The desk's pages, one module a subject. No rules here."""
