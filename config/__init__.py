"""Settings: frozen models, unknown keys rejected, every error reported at once. See *.toml beside them."""
