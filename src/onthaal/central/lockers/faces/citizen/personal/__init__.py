"""Personal documents in the portal: sign in, apply, follow one's own requests."""
