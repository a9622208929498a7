"""Source documents and what each says about which record."""
