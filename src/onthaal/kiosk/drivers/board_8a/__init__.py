"""The widely resold "8A/80" lock boards."""
