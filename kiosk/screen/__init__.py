"""The gate's page: what the resident and the volunteer look at. It only ever shows; nothing is pressed here yet."""
