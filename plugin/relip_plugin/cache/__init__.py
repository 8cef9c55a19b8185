"""What is known already: results and analyses, for every door."""
