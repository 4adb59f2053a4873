"""What a table of observations must look like: one Great Expectations suite each, and checks against the page before."""
