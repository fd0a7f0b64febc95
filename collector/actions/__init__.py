"""What the staff does that concerns the gates, each inside the one transaction of its caller."""
