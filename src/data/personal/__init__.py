"""Which columns hold personal data, in many languages."""
