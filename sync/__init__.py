"""What leaves a gate and what reaches it: the journal, the wire, the link and the program that joins them."""
