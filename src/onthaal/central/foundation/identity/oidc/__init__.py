"""The relying party: OpenID Connect's code flow as our providers speak it. Knows no rows and no municipality."""
