"""Cameras: live ones in a process of their own, recordings, and a watch over what they give."""
