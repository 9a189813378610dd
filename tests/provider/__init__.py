"""A real identity provider for the tests: the certified npm `oidc-provider` as three dialects, and a line before it
that can be told to lie."""
