"""The gate's parts as the loop has them: the one that the config names, looked for, used and watched."""
