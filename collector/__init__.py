"""The centre: takes records in, stores them once, raises alerts and shows both to the staff."""
