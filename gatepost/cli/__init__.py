"""What several commands share: options, files and databases that they open, log lines."""
