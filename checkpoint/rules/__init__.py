"""Who may pass: one ordered table of small rules, and what they are asked."""
