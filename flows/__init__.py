"""Getting data in: capture, read, resolve, and the flow that runs them in order."""
