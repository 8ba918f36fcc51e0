"""The report people choose from: made from report/results.json alone, part by part."""
