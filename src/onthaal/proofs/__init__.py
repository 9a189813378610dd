"""Making and checking of proofs: PINs, QR secrets, badges, device signatures, and the sealing of secrets at rest."""
